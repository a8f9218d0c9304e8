SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE (`date` = CAST(? AS DATE) AND `date` <= CAST(? AS DATETIME(6)) AND (`date` >= CAST(? AS DATE) AND `date` < CAST(? AS DATE)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "2024-02-29"
-- ? = "2024-02-29T12:00:00"
-- ? = "2024-02-01"
-- ? = "2024-03-01"
