SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0, 2) AS c1
FROM (
SELECT d0, SUM(x0) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), t0.u15) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, (t0.u16 * CONVERT(decimal(38, 0), CAST(@p1 AS bigint))) AS x0 FROM (SELECT CASE n.k WHEN 0 THEN @p2 WHEN 1 THEN @p3 END AS u15, CASE n.k WHEN 0 THEN b.[integer] WHEN 1 THEN b.[decimal] END AS u16 FROM fixture AS b CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS n WHERE CASE n.k WHEN 0 THEN b.[integer] WHEN 1 THEN b.[decimal] END IS NOT NULL) AS t0
INNER JOIN fixture AS t1 ON t0.u15 = t1.[text] AND ((CONVERT(nvarchar(max), t0.u15) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) WHERE ((t0.u15 <> @p4 OR ((CONVERT(nvarchar(max), t0.u15) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) <> ((CONVERT(nvarchar(max), @p4) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) OR t0.u15 IS NULL)) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2"
-- @p2 = "integer"
-- @p3 = "decimal"
-- @p4 = "decimal"
