SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE ((`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` IN (CAST(? AS DATETIME(6))) OR (`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) OR `timestamptz` IS NULL) AND (NOT ((`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6)))) OR `timestamptz` IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "2024-03-30T23:00:00"
-- ? = "2024-03-31T22:00:00"
-- ? = "2024-03-31T01:30:00"
-- ? = "2024-03-30T23:00:00"
-- ? = "2024-03-31T22:00:00"
-- ? = "2024-03-30T23:00:00"
-- ? = "2024-03-31T22:00:00"
