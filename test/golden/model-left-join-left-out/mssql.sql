SELECT CONVERT(char(10), g.d0, 23) AS c0, CONVERT(varchar(50), g.m0, 2) AS c1, CONVERT(varchar(50), g.m1) AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT_BIG(*) AS m1
FROM (SELECT t2.[date] AS d0, t0.[decimal] AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.[integer] = t1.[integer]
LEFT JOIN fixture AS t2 ON t1.[text] = t2.[text] AND ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
