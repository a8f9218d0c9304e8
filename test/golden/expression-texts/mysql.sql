SELECT CONVERT(g.d0 USING utf8mb4) AS c0, CONVERT(g.d1 USING utf8mb4) AS c1, CONVERT(g.d2 USING utf8mb4) AS c2, g.d3 AS c3, CONVERT(g.d4 USING utf8mb4) AS c4, g.d5 AS c5
FROM (
SELECT d0, d1, d2, d3, d4, d5
FROM (SELECT CAST(CONVERT(REPLACE(REPLACE(REPLACE(REPLACE((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) USING utf8mb4) AS BINARY) AS d0, CAST(CONVERT(CASE WHEN CHAR_LENGTH((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) - CHAR_LENGTH(REPLACE((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), '')) < 1 * CHAR_LENGTH((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) THEN '' ELSE SUBSTRING_INDEX(SUBSTRING_INDEX((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), 2), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), -1) END USING utf8mb4) AS BINARY) AS d1, CAST(CONVERT(CONCAT(LPAD(RIGHT((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), CASE WHEN (CHAR_LENGTH((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) + -1) > 0 THEN (CHAR_LENGTH((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) + -1) ELSE 0 END), 5, (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), REVERSE((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin))) USING utf8mb4) AS BINARY) AS d2, (CAST(LOCATE((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) AS DECIMAL(38, 0)) + CAST(CHAR_LENGTH((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) AS DECIMAL(38, 0))) AS d3, CAST(CONVERT(SUBSTRING(CONCAT(COALESCE(CONCAT((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), COALESCE(CONCAT((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(`integer` USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), COALESCE(CONCAT((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(DATE_FORMAT(`date`, '%Y-%m-%d') USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), (CHAR_LENGTH((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) + 1)) USING utf8mb4) AS BINARY) AS d4, (((CAST(CONVERT(SUBSTRING((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), 1, CHAR_LENGTH((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin))) USING utf8mb4) AS BINARY) = CAST(CONVERT((CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) USING utf8mb4) AS BINARY)) OR (`boolean` <> 0)) <> 0) AS d5 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC, g.d3 IS NULL, g.d3 ASC, g.d4 IS NULL, g.d4 ASC, g.d5 IS NULL, g.d5 ASC
-- ? = "a"
-- ? = "﷐0﷐"
-- ? = "c"
-- ? = "a"
-- ? = "b"
-- ? = "c"
-- ? = "﷐0﷐"
-- ? = "b"
-- ? = "-"
-- ? = "-"
-- ? = "-"
-- ? = "-"
-- ? = "0"
-- ? = "x"
-- ? = ", "
-- ? = ""
-- ? = ", "
-- ? = ""
-- ? = ", "
-- ? = ""
-- ? = ""
-- ? = ", "
-- ? = "a"
-- ? = "a"
