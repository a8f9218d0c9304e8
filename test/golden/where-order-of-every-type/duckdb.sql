SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE ("text" < CAST($1 AS VARCHAR) AND ("boolean" <> CAST($2 AS BOOLEAN) OR "boolean" IS NULL) AND "time" >= CAST($3 AS TIME) AND "uuid" > CAST($4 AS UUID))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "m"
-- $2 = false
-- $3 = "08:30"
-- $4 = "00000000-0000-0000-0000-000000000000"
