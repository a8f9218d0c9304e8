SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE ((`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))) AND (`timestamptz` >= CAST(? AS DATETIME(6)) AND `timestamptz` < CAST(? AS DATETIME(6))))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "2023-12-31T18:30:00"
-- ? = "2024-01-31T18:30:00"
-- ? = "2024-02-01T04:30:00"
-- ? = "2024-03-08T18:30:00"
-- ? = "2024-03-15T18:30:00"
-- ? = "2024-03-15T08:30:00"
-- ? = "2024-03-15T11:30:00"
-- ? = "2023-09-30T18:30:00"
-- ? = "2023-12-15T18:30:00"
-- ? = "2023-12-31T18:30:00"
-- ? = "2024-03-15T18:30:00"
