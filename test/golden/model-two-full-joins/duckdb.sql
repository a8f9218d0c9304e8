SELECT CAST(g.d0 AS VARCHAR) AS "text", CAST(g.d1 AS VARCHAR) AS "p.text", CAST(g.d2 AS VARCHAR) AS "b.text", g.m0 AS "total", g.m1 AS "n"
FROM (
SELECT d0, d1, d2, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t0."text" AS d0, t1."text" AS d1, t2."text" AS d2, t0."decimal" AS x0 FROM fixture AS t0
FULL JOIN fixture AS t1 ON t0."integer" = t1."integer"
FULL JOIN fixture AS t2 ON t1."text" = t2."text") AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
