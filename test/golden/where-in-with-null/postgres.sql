SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (((CAST("text" AS text) IN (CAST(CAST($1 AS text) AS text)) AND CAST("text" AS text) COLLATE "C" IN (CAST(CAST($1 AS text) AS text) COLLATE "C")) OR "text" IS NULL) AND (NOT ("integer" IN (CAST($2 AS bigint))) AND "integer" IS NOT NULL) AND FALSE AND (NOT ("integer" IN (CAST($3 AS bigint), CAST($4 AS bigint))) OR "integer" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "a"
-- $2 = "1"
-- $3 = "1"
-- $4 = "2"
