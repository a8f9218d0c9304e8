SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, sum(x0) AS m0, count(*) AS m1
FROM (SELECT t2."date" AS d0, CAST(t0."decimal" AS numeric) AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."integer" = t1."integer"
LEFT JOIN fixture AS t2 ON CAST(t1."text" AS text) = CAST(t2."text" AS text) AND CAST(t1."text" AS text) COLLATE "C" = CAST(t2."text" AS text) COLLATE "C") AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
