SELECT CONVERT(g.d0 USING utf8mb4) AS c0, CONVERT(g.d1 USING utf8mb4) AS c1
FROM (
SELECT d0, d1
FROM (SELECT CAST(CONVERT(CONCAT((CONVERT(`text"; drop table fixture; --` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) USING utf8mb4) AS BINARY) AS d0, CAST(CONVERT(REPLACE((CONVERT(`integer's` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)) USING utf8mb4) AS BINARY) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC
-- ? = "'; drop table fixture; --"
-- ? = "'"
-- ? = "\\"
