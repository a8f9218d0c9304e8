SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (("timestamptz" >= CAST($1 AS timestamptz) AND "timestamptz" < CAST($2 AS timestamptz)) AND ("timestamptz" IN (CAST($3 AS timestamptz)) OR ("timestamptz" >= CAST($4 AS timestamptz) AND "timestamptz" < CAST($5 AS timestamptz)) OR "timestamptz" IS NULL) AND (NOT (("timestamptz" >= CAST($6 AS timestamptz) AND "timestamptz" < CAST($7 AS timestamptz))) OR "timestamptz" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2024-03-30T23:00:00Z"
-- $2 = "2024-03-31T22:00:00Z"
-- $3 = "2024-03-31T01:30:00Z"
-- $4 = "2024-03-30T23:00:00Z"
-- $5 = "2024-03-31T22:00:00Z"
-- $6 = "2024-03-30T23:00:00Z"
-- $7 = "2024-03-31T22:00:00Z"
