SELECT CONVERT(g.d0 USING utf8mb4) AS c0, CONVERT(g.d1 USING utf8mb4) AS c1, CONVERT(g.d2 USING utf8mb4) AS c2, CONVERT(g.d3 USING utf8mb4) AS c3, CONVERT(g.d4 USING utf8mb4) AS c4, CONVERT(g.d5 USING utf8mb4) AS c5, CONVERT(g.d6 USING utf8mb4) AS c6, CONVERT(g.d7 USING utf8mb4) AS c7, CONVERT(g.d8 USING utf8mb4) AS c8, CONVERT(g.d9 USING utf8mb4) AS c9, g.m0 AS c10, g.m1 AS c11
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, SUM(x0) AS m0, COUNT(*) AS m1
FROM (SELECT CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) AS d0, CAST(CONVERT(t2.`text` USING utf8mb4) AS BINARY) AS d1, CAST(CONVERT(t3.`text` USING utf8mb4) AS BINARY) AS d2, CAST(CONVERT(t4.`text` USING utf8mb4) AS BINARY) AS d3, CAST(CONVERT(t5.`text` USING utf8mb4) AS BINARY) AS d4, CAST(CONVERT(t6.`text` USING utf8mb4) AS BINARY) AS d5, CAST(CONVERT(t7.`text` USING utf8mb4) AS BINARY) AS d6, CAST(CONVERT(t8.`text` USING utf8mb4) AS BINARY) AS d7, CAST(CONVERT(t9.`text` USING utf8mb4) AS BINARY) AS d8, CAST(CONVERT(t10.`text` USING utf8mb4) AS BINARY) AS d9, t0.`decimal` AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`text` = t1.`text` AND CAST(CONVERT(t0.`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY)
INNER JOIN fixture AS t2 ON t0.`integer` = t2.`integer`
LEFT JOIN fixture AS t3 ON t0.`decimal` = t3.`decimal`
INNER JOIN fixture AS t4 ON t0.`float` = t4.`float`
LEFT JOIN fixture AS t5 ON (t0.`boolean` <> 0) = (t5.`boolean` <> 0)
INNER JOIN fixture AS t6 ON t0.`date` = t6.`date`
LEFT JOIN fixture AS t7 ON t0.`time` = t7.`time`
INNER JOIN fixture AS t8 ON t0.`timestamp` = t8.`timestamp`
LEFT JOIN fixture AS t9 ON t0.`timestamptz` = t9.`timestamptz`
INNER JOIN fixture AS t10 ON CAST(LOWER(CONVERT(t0.`uuid` USING utf8mb4)) AS BINARY) = CAST(LOWER(CONVERT(t10.`uuid` USING utf8mb4)) AS BINARY)
INNER JOIN fixture AS t11 ON t0.`integer` = t11.`decimal`) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7, d8, d9
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC, g.d3 IS NULL, g.d3 ASC, g.d4 IS NULL, g.d4 ASC, g.d5 IS NULL, g.d5 ASC, g.d6 IS NULL, g.d6 ASC, g.d7 IS NULL, g.d7 ASC, g.d8 IS NULL, g.d8 ASC, g.d9 IS NULL, g.d9 ASC
