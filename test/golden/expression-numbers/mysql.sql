SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2, g.d3 AS c3, g.d4 AS c4, g.d5 AS c5, g.d6 AS c6, g.d7 AS c7
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7
FROM (SELECT CAST(ROUND(`decimal`, 1) AS DECIMAL(38, 1)) AS d0, ((TRUNCATE((`float` * 1e1) + ((`float` * 1e1) - TRUNCATE((`float` * 1e1), 0)), 0) / 1e1) + 0E0) AS d1, (CAST(`integer` AS DECIMAL(38, 0)) % NULLIF(CAST(CAST(? AS SIGNED) AS DECIMAL(38, 0)), 0)) AS d2, (((`decimal` + 0E0) / NULLIF((`integer` + 0E0), 0)) + 0E0) AS d3, GREATEST(COALESCE(`integer`, `decimal`, CAST(? AS SIGNED)), COALESCE(`decimal`, CAST(? AS SIGNED), `integer`), COALESCE(CAST(? AS SIGNED), `integer`, `decimal`)) AS d4, CASE WHEN (CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin) REGEXP ? THEN CAST((CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin) AS DECIMAL(38, 0)) END AS d5, (((CASE WHEN `float` > 0 OR (`float` = 0 AND (CAST(? AS SIGNED) + 0E0) >= 0) OR (`float` < 0 AND (CAST(? AS SIGNED) + 0E0) = TRUNCATE((CAST(? AS SIGNED) + 0E0), 0)) THEN POWER(`float`, (CAST(? AS SIGNED) + 0E0)) END + 0E0) + (CASE WHEN `float` >= 0 THEN SQRT(`float`) END + 0E0)) + 0E0) AS d6, (CAST(TRUNCATE(`decimal`, 1) AS DECIMAL(38, 1)) - CAST(CAST(FLOOR(`decimal`) AS DECIMAL(38, 0)) AS DECIMAL(38, 0))) AS d7 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC, g.d3 IS NULL, g.d3 ASC, g.d4 IS NULL, g.d4 ASC, g.d5 IS NULL, g.d5 ASC, g.d6 IS NULL, g.d6 ASC, g.d7 IS NULL, g.d7 ASC
-- ? = "10"
-- ? = "0"
-- ? = "0"
-- ? = "0"
-- ? = "^(?:[+-]?0*[0-9]{1,38})\\z"
-- ? = "2"
-- ? = "2"
-- ? = "2"
-- ? = "2"
