SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (CAST("text" AS text) COLLATE "C" < CAST(CAST($1 AS text) AS text) COLLATE "C" AND ("boolean" <> CAST($2 AS boolean) OR "boolean" IS NULL) AND "time" >= CAST($3 AS time) AND "uuid" > CAST($4 AS uuid))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "m"
-- $2 = "false"
-- $3 = "08:30"
-- $4 = "00000000-0000-0000-0000-000000000000"
