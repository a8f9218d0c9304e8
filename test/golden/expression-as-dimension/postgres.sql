SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1
FROM (
SELECT d0, count(*) AS m0
FROM (SELECT CAST(CASE WHEN (CAST("decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) WHEN (CAST("text" AS text) COLLATE "C" LIKE CAST($3 AS text)) THEN lower(CAST(CAST("text" AS text) AS text) COLLATE "default") ELSE COALESCE(CAST("text" AS text), CAST(CAST($4 AS text) AS text)) END AS text) COLLATE "C" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "100"
-- $2 = "large"
-- $3 = "A%"
-- $4 = "?"
