SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0, 2) AS c1, CONVERT(varchar(50), g.m1) AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT_BIG(DISTINCT x1) AS m1
FROM (SELECT ((CONVERT(nvarchar(max), t0.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, t1.[decimal] AS x0, t0.[integer] AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.[integer] = t1.[integer]) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
