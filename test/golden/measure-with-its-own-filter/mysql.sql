SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT(x1) AS m1
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS d0, CASE WHEN (`text` = ? AND CAST(CONVERT(`text` USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) THEN `decimal` END AS x0, CASE WHEN (`boolean` <> 0) = (TRUE <> 0) THEN 1 END AS x1 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 IS NULL, g.d0 ASC
-- ? = "web"
-- ? = "web"
