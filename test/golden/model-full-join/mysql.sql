SELECT DATE_FORMAT(g.d0, '%Y-%m-%d') AS c0, DATE_FORMAT(g.d1, '%Y-%m-%d') AS c1, DATE_FORMAT(g.d2, '%Y-%m-%d') AS c2, g.m0 AS c3, g.m1 AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, COUNT(*) AS m1
FROM (SELECT j2.t1_5 AS d0, j2.t2_5 AS d1, t3.`date` AS d2, j2.t0_2 AS x0 FROM (SELECT t1.`date` AS t1_5, t2.`date` AS t2_5, t0.`decimal` AS t0_2, t2.`text` AS t2_0, t2.`integer` AS t2_1, t1.`text` AS t1_0, t0.`date` AS t0_5, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`
LEFT JOIN fixture AS t2 ON t1.`text` = t2.`text` AND CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY) AND t0.`date` = t2.`date`
UNION ALL SELECT t1.`date` AS t1_5, t2.`date` AS t2_5, t0.`decimal` AS t0_2, t2.`text` AS t2_0, t2.`integer` AS t2_1, t1.`text` AS t1_0, t0.`date` AS t0_5, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`
RIGHT JOIN fixture AS t2 ON t1.`text` = t2.`text` AND CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY) AND t0.`date` = t2.`date` WHERE t1.`text` IS NULL) AS j2
RIGHT JOIN fixture AS t3 ON j2.t2_1 = t3.`integer` WHERE (j2.t2_0 = ? AND CAST(CONVERT(j2.t2_0 USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY))) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC
-- ? = "a"
-- ? = "a"
