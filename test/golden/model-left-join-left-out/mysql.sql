SELECT DATE_FORMAT(g.d0, '%Y-%m-%d') AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT(*) AS m1
FROM (SELECT t2.`date` AS d0, t0.`decimal` AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`
LEFT JOIN fixture AS t2 ON t1.`text` = t2.`text` AND CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
