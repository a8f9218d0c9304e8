SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (("text" IN (CAST($1 AS VARCHAR)) OR "text" IS NULL) AND (NOT ("integer" IN (CAST($2 AS BIGINT))) AND "integer" IS NOT NULL) AND FALSE AND (NOT ("integer" IN (CAST($3 AS BIGINT), CAST($4 AS BIGINT))) OR "integer" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "a"
-- $2 = "1"
-- $3 = "1"
-- $4 = "2"
