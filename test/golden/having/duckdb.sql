SELECT CAST(g.d0 AS VARCHAR) AS "text", CAST(g.d1 AS VARCHAR) AS "month", g.m0 AS "revenue", CAST(g.m1 AS DOUBLE) AS "mean", g.m2 AS "people"
FROM (
SELECT d0, d1, sum(x0) AS m0, (CAST(sum(x1) AS DOUBLE) / nullif(count(x1), 0)) AS m1, count(DISTINCT x2) AS m2
FROM (SELECT "text" AS d0, CAST(date_trunc('month', "date") AS DATE) AS d1, "decimal" AS x0, "integer" AS x1, "uuid" AS x2 FROM fixture) AS r
GROUP BY d0, d1
) AS g
WHERE (g.m0 > CAST($1 AS DECIMAL(1, 1)) OR g.m1 <= CAST($2 AS DOUBLE) OR g.m2 >= CAST($3 AS BIGINT) OR (g.d1 >= CAST($4 AS DATE) AND g.d1 < CAST($5 AS DATE)))
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
-- $1 = "0.5"
-- $2 = "2.5"
-- $3 = "3"
-- $4 = "2024-01-01"
-- $5 = "2025-01-01"
