SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE ((`timestamp` >= CAST(? AS DATETIME(6)) AND `timestamp` < CAST(? AS DATETIME(6))) AND ((`timestamp` < CAST(? AS DATETIME(6)) OR `timestamp` >= CAST(? AS DATETIME(6))) OR `timestamp` IS NULL) AND `timestamp` < CAST(? AS DATETIME(6)) AND `timestamp` < CAST(? AS DATETIME(6)) AND `timestamp` >= CAST(? AS DATETIME(6)) AND `timestamp` >= CAST(? AS DATETIME(6)) AND `timestamp` < CAST(? AS DATETIME(6)) AND `timestamp` >= CAST(? AS DATETIME(6)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "2024-10-27T00:00:00"
-- ? = "2024-10-28T00:00:00"
-- ? = "2024-10-27T00:00:00"
-- ? = "2024-10-28T00:00:00"
-- ? = "2024-10-27T00:00:00"
-- ? = "2024-10-28T00:00:00"
-- ? = "2024-10-28T00:00:00"
-- ? = "2024-10-27T00:00:00"
-- ? = "2024-10-27T00:00:00"
-- ? = "2024-10-28T00:00:00"
