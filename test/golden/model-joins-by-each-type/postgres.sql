SELECT CAST(g.d0 AS text) AS c0, CAST(g.d1 AS text) AS c1, CAST(g.d2 AS text) AS c2, CAST(g.d3 AS text) AS c3, CAST(g.d4 AS text) AS c4, CAST(g.d5 AS text) AS c5, CAST(g.d6 AS text) AS c6, CAST(g.d7 AS text) AS c7, CAST(g.d8 AS text) AS c8, CAST(g.d9 AS text) AS c9, g.m0 AS c10, g.m1 AS c11
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, sum(x0) AS m0, count(*) AS m1
FROM (SELECT CAST(t1."text" AS text) COLLATE "C" AS d0, CAST(t2."text" AS text) COLLATE "C" AS d1, CAST(t3."text" AS text) COLLATE "C" AS d2, CAST(t4."text" AS text) COLLATE "C" AS d3, CAST(t5."text" AS text) COLLATE "C" AS d4, CAST(t6."text" AS text) COLLATE "C" AS d5, CAST(t7."text" AS text) COLLATE "C" AS d6, CAST(t8."text" AS text) COLLATE "C" AS d7, CAST(t9."text" AS text) COLLATE "C" AS d8, CAST(t10."text" AS text) COLLATE "C" AS d9, CAST(t0."decimal" AS numeric) AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON CAST(t0."text" AS text) = CAST(t1."text" AS text) AND CAST(t0."text" AS text) COLLATE "C" = CAST(t1."text" AS text) COLLATE "C"
INNER JOIN fixture AS t2 ON t0."integer" = t2."integer"
LEFT JOIN fixture AS t3 ON CAST(t0."decimal" AS numeric) = CAST(t3."decimal" AS numeric)
INNER JOIN fixture AS t4 ON (t0."float" + 0.0) = (t4."float" + 0.0)
LEFT JOIN fixture AS t5 ON t0."boolean" = t5."boolean"
INNER JOIN fixture AS t6 ON t0."date" = t6."date"
LEFT JOIN fixture AS t7 ON t0."time" = t7."time"
INNER JOIN fixture AS t8 ON t0."timestamp" = t8."timestamp"
LEFT JOIN fixture AS t9 ON t0."timestamptz" = t9."timestamptz"
INNER JOIN fixture AS t10 ON t0."uuid" = t10."uuid"
INNER JOIN fixture AS t11 ON CAST(t0."integer" AS numeric) = CAST(t11."decimal" AS numeric)) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7, d8, d9
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST, g.d6 ASC NULLS LAST, g.d7 ASC NULLS LAST, g.d8 ASC NULLS LAST, g.d9 ASC NULLS LAST
