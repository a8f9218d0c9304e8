SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.m0 AS c1, g.m1 AS c2, g.m2 AS c3, g.m3 AS c4, g.m4 AS c5, g.m5 AS c6, g.m6 AS c7
FROM (
SELECT d0, COUNT(x0) AS m0, COUNT(DISTINCT x1) AS m1, SUM(x2) AS m2, ((SUM(x3) + 0E0) / NULLIF(COUNT(x3), 0)) AS m3, MIN(x4) AS m4, MAX(x5) AS m5, AVG((x6 + 0E0)) AS m6
FROM (SELECT d0, x0, x1, x2, x3, x4, x5, CASE WHEN 2 * CAST(ROW_NUMBER() OVER (PARTITION BY v.d0 ORDER BY v.x6 IS NULL, v.x6) AS SIGNED) - COUNT(v.x6) OVER (PARTITION BY v.d0 ) BETWEEN 0 AND 2 THEN v.x6 END AS x6 FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0, `integer` AS x0, `integer` AS x1, `integer` AS x2, `integer` AS x3, `integer` AS x4, `integer` AS x5, `integer` AS x6 FROM fixture) AS v) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
