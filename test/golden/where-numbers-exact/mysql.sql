SELECT CONVERT(g.d0 USING utf8mb4) AS c0
FROM (
SELECT d0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0 FROM fixture WHERE (`integer` = CAST(? AS SIGNED) AND `integer` > CAST(? AS DECIMAL(2, 1)) AND (`decimal` >= CAST(? AS DECIMAL(1, 1)) AND `decimal` <= CAST(? AS SIGNED)) AND `float` < (? + 0E0) AND `integer` < CAST(? AS DECIMAL(30, 0)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "9007199254740993"
-- ? = "1.5"
-- ? = "-0.1"
-- ? = "1000"
-- ? = "0.1"
-- ? = "123456789012345678901234567890"
