SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE (((`text` IN (?) AND CAST(CONVERT(`text` USING utf8mb4) AS BINARY) IN (CAST(CONVERT(? USING utf8mb4) AS BINARY))) OR `text` IS NULL) AND (NOT (`integer` IN (CAST(? AS SIGNED))) AND `integer` IS NOT NULL) AND FALSE AND (NOT (`integer` IN (CAST(? AS SIGNED), CAST(? AS SIGNED))) OR `integer` IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "a"
-- ? = "a"
-- ? = "1"
-- ? = "1"
-- ? = "2"
