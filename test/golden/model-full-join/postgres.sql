SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1, replace(CAST(g.d2 AS text), ' BC', ' (BC)') AS c2, g.m0 AS c3, g.m1 AS c4
FROM (
SELECT d0, d1, d2, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t1."date" AS d0, t2."date" AS d1, t3."date" AS d2, CAST(t0."decimal" AS numeric) AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer"
FULL JOIN fixture AS t2 ON CAST(t1."text" AS text) = CAST(t2."text" AS text) AND CAST(t1."text" AS text) COLLATE "C" = CAST(t2."text" AS text) COLLATE "C" AND t0."date" = t2."date"
RIGHT JOIN fixture AS t3 ON t2."integer" = t3."integer" WHERE (CAST(t2."text" AS text) = CAST(CAST($1 AS text) AS text) AND CAST(t2."text" AS text) COLLATE "C" = CAST(CAST($1 AS text) AS text) COLLATE "C")) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
-- $1 = "a"
