SELECT CONVERT(char(10), g.d0, 23) AS c0, CONVERT(char(10), g.d1, 23) AS c1, CONVERT(char(10), g.d2, 23) AS c2, CONVERT(varchar(50), g.m0, 2) AS c3, CONVERT(varchar(50), g.m1) AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, COUNT_BIG(*) AS m1
FROM (SELECT t1.[date] AS d0, t2.[date] AS d1, t3.[date] AS d2, t0.[decimal] AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.[integer] = t1.[integer]
FULL JOIN fixture AS t2 ON t1.[text] = t2.[text] AND ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND t0.[date] = t2.[date]
RIGHT JOIN fixture AS t3 ON t2.[integer] = t3.[integer] WHERE (t2.[text] = @p1 AND ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2))) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC, CASE WHEN g.d2 IS NULL THEN 1 ELSE 0 END, g.d2 ASC
-- @p1 = "a"
