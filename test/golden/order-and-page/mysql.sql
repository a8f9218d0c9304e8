SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.d1 AS c1, g.m0 AS c2
FROM (
SELECT d0, d1, SUM(x0) AS m0
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0, `integer` AS d1, `decimal` AS x0 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.m0 IS NULL, g.m0 DESC, g.d1 IS NULL DESC, g.d1 ASC, g.d0 IS NULL, g.d0 ASC
LIMIT 10 OFFSET 20
