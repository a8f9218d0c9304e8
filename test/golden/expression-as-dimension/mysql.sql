SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.m0 AS c1
FROM (
SELECT d0, COUNT(*) AS m0
FROM (SELECT CAST(CONVERT(CASE WHEN (`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) WHEN (CONVERT(`text` USING utf8mb4) LIKE CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin ESCAPE '|') THEN LOWER((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin)) ELSE COALESCE((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) END USING utf8mb4) AS BINARY) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "100"
-- ? = "large"
-- ? = "A%"
-- ? = "?"
