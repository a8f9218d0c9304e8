SELECT CONVERT(g.d0 USING utf8mb4) AS c0, g.d1 AS c1, DATE_FORMAT(g.d2, '%Y-%m-%d') AS c2, g.d3 AS c3, DATE_FORMAT(g.d4, '%Y-%m-%d') AS c4, g.m0 AS c5
FROM (
SELECT d0, d1, d2, d3, d4, SUM(x0) AS m0
FROM (SELECT CAST(CONVERT(`text"; drop table fixture; --` USING utf8mb4) AS BINARY) AS d0, `integer's` AS d1, `duck date` AS d2, (`d0` + 0E0) AS d3, FROM_DAYS((TO_DAYS(`select`) - 2) DIV 7 * 7 + 2) AS d4, `a.decimal` AS x0 FROM fixture WHERE ((`text"; drop table fixture; --` <> ? OR CAST(CONVERT(`text"; drop table fixture; --` USING utf8mb4) AS BINARY) <> CAST(CONVERT(? USING utf8mb4) AS BINARY)) OR `text"; drop table fixture; --` IS NULL)) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
WHERE g.m0 > CAST(? AS SIGNED)
ORDER BY g.d3 IS NULL, g.d3 DESC, g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC, g.d4 IS NULL, g.d4 ASC
-- ? = "\"; drop table fixture; --"
-- ? = "\"; drop table fixture; --"
-- ? = "0"
