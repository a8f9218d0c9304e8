SELECT CAST(g.d0 AS VARCHAR) AS "k0.text", CAST(g.d1 AS VARCHAR) AS "k1.text", CAST(g.d2 AS VARCHAR) AS "k2.text", CAST(g.d3 AS VARCHAR) AS "k3.text", CAST(g.d4 AS VARCHAR) AS "k4.text", CAST(g.d5 AS VARCHAR) AS "k5.text", CAST(g.d6 AS VARCHAR) AS "k6.text", CAST(g.d7 AS VARCHAR) AS "k7.text", CAST(g.d8 AS VARCHAR) AS "k8.text", CAST(g.d9 AS VARCHAR) AS "k9.text", g.m0 AS "total", g.m1 AS "n"
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t1."text" AS d0, t2."text" AS d1, t3."text" AS d2, t4."text" AS d3, t5."text" AS d4, t6."text" AS d5, t7."text" AS d6, t8."text" AS d7, t9."text" AS d8, t10."text" AS d9, t0."decimal" AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."text" = t1."text"
INNER JOIN fixture AS t2 ON t0."integer" = t2."integer"
LEFT JOIN fixture AS t3 ON t0."decimal" = t3."decimal"
INNER JOIN fixture AS t4 ON (t0."float" + 0.0) = (t4."float" + 0.0)
LEFT JOIN fixture AS t5 ON t0."boolean" = t5."boolean"
INNER JOIN fixture AS t6 ON t0."date" = t6."date"
LEFT JOIN fixture AS t7 ON t0."time" = t7."time"
INNER JOIN fixture AS t8 ON t0."timestamp" = t8."timestamp"
LEFT JOIN fixture AS t9 ON t0."timestamptz" = t9."timestamptz"
INNER JOIN fixture AS t10 ON t0."uuid" = t10."uuid"
INNER JOIN fixture AS t11 ON t0."integer" = t11."decimal") AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7, d8, d9
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST, g.d6 ASC NULLS LAST, g.d7 ASC NULLS LAST, g.d8 ASC NULLS LAST, g.d9 ASC NULLS LAST
