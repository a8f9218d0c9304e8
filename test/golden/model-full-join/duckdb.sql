SELECT CAST(g.d0 AS VARCHAR) AS "p.date", CAST(g.d1 AS VARCHAR) AS "b.date", CAST(g.d2 AS VARCHAR) AS "c.date", g.m0 AS "total", g.m1 AS "n"
FROM (
SELECT d0, d1, d2, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t1."date" AS d0, t2."date" AS d1, t3."date" AS d2, t0."decimal" AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer"
FULL JOIN fixture AS t2 ON t1."text" = t2."text" AND t0."date" = t2."date"
RIGHT JOIN fixture AS t3 ON t2."integer" = t3."integer" WHERE t2."text" = CAST($1 AS VARCHAR)) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
-- $1 = "a"
