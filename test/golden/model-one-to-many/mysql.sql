SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT(DISTINCT x1) AS m1
FROM (SELECT CAST(CONVERT(t0.`text` USING utf8mb4) AS BINARY) AS d0, t1.`decimal` AS x0, t0.`integer` AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
