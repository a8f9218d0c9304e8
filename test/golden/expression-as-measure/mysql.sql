SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.m0 AS c1, g.m1 AS c2, g.m2 AS c3, g.m3 AS c4
FROM (
SELECT d0, SUM(x0) AS m0, ((SUM(x1) + 0E0) / NULLIF(COUNT(x1), 0)) AS m1, COUNT(x2) AS m2, COUNT(DISTINCT x3) AS m3
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0, (`a.decimal` * CAST(`integer` AS DECIMAL(38, 0))) AS x0, (((`float` + 0E0) / NULLIF((`integer` + 0E0), 0)) + 0E0) AS x1, CASE WHEN (`boolean` <> 0) = (TRUE <> 0) THEN (CONVERT(CASE WHEN (CAST(CONVERT(`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) THEN NULL ELSE `text` END USING utf8mb4) COLLATE utf8mb4_bin) END AS x2, CAST(CONVERT(UPPER(TRIM(BOTH ' ' FROM (CONVERT(`text` USING utf8mb4) COLLATE utf8mb4_bin))) USING utf8mb4) AS BINARY) AS x3 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = ""
