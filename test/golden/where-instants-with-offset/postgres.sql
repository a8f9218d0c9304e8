SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ("timestamptz" >= CAST($1 AS timestamptz) AND "timestamptz" < CAST($2 AS timestamptz))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2023-12-31T18:30:00Z"
-- $2 = "2023-12-31T18:30:00Z"
