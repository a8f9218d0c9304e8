SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0) AS c1
FROM (
SELECT d0, COUNT_BIG(x0) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), t0.u15) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, t0.u16 AS x0 FROM (SELECT CASE n.k WHEN 0 THEN @p1 WHEN 1 THEN @p2 END AS u15, CASE n.k WHEN 0 THEN b.[float] WHEN 1 THEN CONVERT(float, b.[integer's]) END AS u16 FROM fixture AS b CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS n) AS t0) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "float"
-- @p2 = "integer's"
