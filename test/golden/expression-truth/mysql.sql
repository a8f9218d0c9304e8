SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2, g.d3 AS c3, g.d4 AS c4
FROM (
SELECT d0, d1, d2, d3, d4
FROM (SELECT ((((`integer` > CAST(? AS SIGNED)) <> 0) = (`boolean` <> 0)) <> 0) AS d0, (((NOT ((CAST(CONVERT(`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) AND (`integer` IS NULL))) OR (`decimal` BETWEEN CAST(? AS SIGNED) AND CAST(? AS SIGNED))) <> 0) AS d1, ((NOT (CAST(CONVERT(`text` USING utf8mb4) AS BINARY) <=> CAST(CONVERT(? USING utf8mb4) AS BINARY))) <> 0) AS d2, (COALESCE((`integer` IN (CAST(? AS SIGNED), CAST(? AS SIGNED), CAST(NULL AS SIGNED))), FALSE) <> 0) AS d3, (CASE WHEN (`boolean` <> 0) THEN (`integer` > CAST(? AS SIGNED)) ELSE (`text` IS NULL) END <> 0) AS d4 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC, g.d3 IS NULL, g.d3 ASC, g.d4 IS NULL, g.d4 ASC
-- ? = "1"
-- ? = "a"
-- ? = "1"
-- ? = "2"
-- ? = "b"
-- ? = "1"
-- ? = "2"
-- ? = "0"
