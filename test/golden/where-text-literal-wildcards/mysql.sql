SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE ((LOWER(CONVERT(`text` USING utf8mb4)) LIKE LOWER(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_bin ESCAPE '|') OR (CONVERT(`text` USING utf8mb4) LIKE CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin ESCAPE '|') OR (LOWER(CONVERT(`text` USING utf8mb4)) LIKE LOWER(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_bin ESCAPE '|') OR (NOT (LOWER(CONVERT(`text` USING utf8mb4)) LIKE LOWER(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_bin ESCAPE '|') OR `text` IS NULL) OR (LOWER(CONVERT(`text` USING utf8mb4)) LIKE LOWER(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_bin ESCAPE '|') OR (CONVERT(`text` USING utf8mb4) LIKE CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin ESCAPE '|'))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "%100|%|_[a]||\\%"
-- ? = "|%%"
-- ? = "%|_"
-- ? = "%[%"
-- ? = "a|%b_||[%"
-- ? = "A%"
