SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE ((`text` = ? AND CAST(CONVERT(`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) AND ((`text` <> ? OR CAST(CONVERT(`text` USING utf8mb4) AS BINARY) <> CAST(CONVERT(? USING utf8mb4) AS BINARY)) OR `text` IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "it's \"quoted\"; --"
-- ? = "it's \"quoted\"; --"
-- ? = "x"
-- ? = "x"
