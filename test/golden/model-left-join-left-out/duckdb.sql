SELECT CAST(g.d0 AS VARCHAR) AS "b.date", g.m0 AS "total", g.m1 AS "n"
FROM (
SELECT d0, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t2."date" AS d0, t0."decimal" AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer"
LEFT JOIN fixture AS t2 ON t1."text" = t2."text") AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
