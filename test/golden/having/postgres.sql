SELECT CAST(g.d0 AS text) AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1, g.m0 AS c2, g.m1 AS c3, g.m2 AS c4
FROM (
SELECT d0, d1, sum(x0) AS m0, (CAST(sum(x1) AS double precision) / nullif(count(x1), 0)) AS m1, count(DISTINCT x2) AS m2
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, CAST(date_trunc('month', CAST("date" AS timestamp)) AS date) AS d1, CAST("decimal" AS numeric) AS x0, "integer" AS x1, CAST("uuid" AS text) COLLATE "C" AS x2 FROM fixture) AS r
GROUP BY d0, d1
) AS g
WHERE (CAST(g.m0 AS numeric) > CAST(CAST($1 AS numeric(1, 1)) AS numeric) OR g.m1 <= CAST($2 AS double precision) OR g.m2 >= CAST($3 AS bigint) OR (g.d1 >= CAST($4 AS date) AND g.d1 < CAST($5 AS date)))
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
-- $1 = "0.5"
-- $2 = "2.5"
-- $3 = "3"
-- $4 = "2024-01-01"
-- $5 = "2025-01-01"
