SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, LEFT(g.d1, LEN(g.d1) - 1) AS c1, LEFT(g.d2, LEN(g.d2) - 1) AS c2, CONVERT(varchar(50), g.m0, 2) AS c3, CONVERT(varchar(50), g.m1) AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, COUNT_BIG(*) AS m1
FROM (SELECT ((CONVERT(nvarchar(max), t0.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d1, ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d2, t0.[decimal] AS x0 FROM fixture AS t0
FULL JOIN fixture AS t1 ON t0.[integer] = t1.[integer]
FULL JOIN fixture AS t2 ON t1.[text] = t2.[text] AND ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC, CASE WHEN g.d2 IS NULL THEN 1 ELSE 0 END, g.d2 ASC
