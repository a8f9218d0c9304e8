SELECT CAST(g.d0 AS VARCHAR) AS "text", g.m0 AS "total", g.m1 AS "orders"
FROM (
SELECT d0, sum(x0) AS m0, count(DISTINCT x1) AS m1
FROM (SELECT t0."text" AS d0, t1."decimal" AS x0, t0."integer" AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer") AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
