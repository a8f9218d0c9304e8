SELECT CONVERT(g.d0 USING utf8mb4) AS c0, CONVERT(g.d1 USING utf8mb4) AS c1, CONVERT(g.d2 USING utf8mb4) AS c2, g.m0 AS c3, g.m1 AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, COUNT(*) AS m1
FROM (SELECT CAST(CONVERT(j2.t0_0 USING utf8mb4) AS BINARY) AS d0, CAST(CONVERT(j2.t1_0 USING utf8mb4) AS BINARY) AS d1, CAST(CONVERT(j2.t2_0 USING utf8mb4) AS BINARY) AS d2, j2.t0_2 AS x0 FROM (SELECT j1.t0_0 AS t0_0, j1.t1_0 AS t1_0, t2.`text` AS t2_0, j1.t0_2 AS t0_2, j1.t0_1 AS t0_1, j1.t1_1 AS t1_1 FROM (SELECT t0.`text` AS t0_0, t1.`text` AS t1_0, t0.`decimal` AS t0_2, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`
UNION ALL SELECT t0.`text` AS t0_0, t1.`text` AS t1_0, t0.`decimal` AS t0_2, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
RIGHT JOIN fixture AS t1 ON t0.`integer` = t1.`integer` WHERE t0.`integer` IS NULL) AS j1
LEFT JOIN fixture AS t2 ON j1.t1_0 = t2.`text` AND CAST(CONVERT(j1.t1_0 USING utf8mb4) AS BINARY) = CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY)
UNION ALL SELECT j1.t0_0 AS t0_0, j1.t1_0 AS t1_0, t2.`text` AS t2_0, j1.t0_2 AS t0_2, j1.t0_1 AS t0_1, j1.t1_1 AS t1_1 FROM (SELECT t0.`text` AS t0_0, t1.`text` AS t1_0, t0.`decimal` AS t0_2, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`integer` = t1.`integer`
UNION ALL SELECT t0.`text` AS t0_0, t1.`text` AS t1_0, t0.`decimal` AS t0_2, t0.`integer` AS t0_1, t1.`integer` AS t1_1 FROM fixture AS t0
RIGHT JOIN fixture AS t1 ON t0.`integer` = t1.`integer` WHERE t0.`integer` IS NULL) AS j1
RIGHT JOIN fixture AS t2 ON j1.t1_0 = t2.`text` AND CAST(CONVERT(j1.t1_0 USING utf8mb4) AS BINARY) = CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY) WHERE j1.t1_0 IS NULL) AS j2) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC
