SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (("timestamptz" >= CAST($1 AS timestamptz) AND "timestamptz" < CAST($2 AS timestamptz)) AND ("timestamptz" < CAST($3 AS timestamptz)) AND ("timestamptz" >= CAST($4 AS timestamptz) AND "timestamptz" < CAST($5 AS timestamptz)) AND ("timestamptz" >= CAST($6 AS timestamptz) AND "timestamptz" < CAST($7 AS timestamptz)) AND ("timestamptz" >= CAST($8 AS timestamptz) AND "timestamptz" < CAST($9 AS timestamptz)) AND ("timestamptz" >= CAST($10 AS timestamptz) AND "timestamptz" < CAST($11 AS timestamptz)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2023-12-31T18:30:00Z"
-- $2 = "2024-01-31T18:30:00Z"
-- $3 = "2024-02-01T04:30:00Z"
-- $4 = "2024-03-08T18:30:00Z"
-- $5 = "2024-03-15T18:30:00Z"
-- $6 = "2024-03-15T08:30:00Z"
-- $7 = "2024-03-15T11:30:00Z"
-- $8 = "2023-09-30T18:30:00Z"
-- $9 = "2023-12-15T18:30:00Z"
-- $10 = "2023-12-31T18:30:00Z"
-- $11 = "2024-03-15T18:30:00Z"
