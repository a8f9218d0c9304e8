SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, sum(x0) AS m0, count(DISTINCT x1) AS m1
FROM (SELECT CAST(t0."text" AS text) COLLATE "C" AS d0, CAST(t1."decimal" AS numeric) AS x0, t0."integer" AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer") AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
