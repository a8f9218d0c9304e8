SELECT CONVERT(g.d0 USING utf8mb4) AS c0, DATE_FORMAT(g.d1, '%Y-%m-%d') AS c1, g.m0 AS c2, g.m1 AS c3, g.m2 AS c4
FROM (
SELECT d0, d1, SUM(x0) AS m0, ((SUM(x1) + 0E0) / NULLIF(COUNT(x1), 0)) AS m1, COUNT(DISTINCT x2) AS m2
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0, (DATE'0001-01-01' + INTERVAL TIMESTAMPDIFF(MONTH, DATE'0001-01-01', `date`) MONTH) AS d1, `decimal` AS x0, `integer` AS x1, CAST(LOWER(CONVERT(`uuid` USING utf8mb4)) AS BINARY) AS x2 FROM fixture) AS r
GROUP BY d0, d1
) AS g
WHERE (g.m0 > CAST(? AS DECIMAL(1, 1)) OR g.m1 <= (? + 0E0) OR g.m2 >= CAST(? AS SIGNED) OR (g.d1 >= CAST(? AS DATE) AND g.d1 < CAST(? AS DATE)))
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC
-- ? = "0.5"
-- ? = "2.5"
-- ? = "3"
-- ? = "2024-01-01"
-- ? = "2025-01-01"
