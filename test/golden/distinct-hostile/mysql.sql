SELECT CONVERT(g.d0 USING utf8mb4) AS `value`, g.n AS `count`
FROM (
SELECT d0, COUNT(*) AS n
FROM (SELECT CAST(CONVERT(`text"; drop table fixture; --` USING utf8mb4) AS BINARY) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE (LOWER(CONVERT(CAST(CONVERT(g.d0 USING utf8mb4) AS CHAR) USING utf8mb4)) LIKE LOWER(CONVERT(? USING utf8mb4)) COLLATE utf8mb4_bin ESCAPE '|')
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "%\"; --%"
