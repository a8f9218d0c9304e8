SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, LEFT(g.d1, LEN(g.d1) - 1) AS c1, LEFT(g.d2, LEN(g.d2) - 1) AS c2, LEFT(g.d3, LEN(g.d3) - 1) AS c3, LEFT(g.d4, LEN(g.d4) - 1) AS c4, LEFT(g.d5, LEN(g.d5) - 1) AS c5, LEFT(g.d6, LEN(g.d6) - 1) AS c6, LEFT(g.d7, LEN(g.d7) - 1) AS c7, LEFT(g.d8, LEN(g.d8) - 1) AS c8, LEFT(g.d9, LEN(g.d9) - 1) AS c9, CONVERT(varchar(50), g.m0, 2) AS c10, CONVERT(varchar(50), g.m1) AS c11
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, SUM(x0) AS m0, COUNT_BIG(*) AS m1
FROM (SELECT ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, ((CONVERT(nvarchar(max), t2.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d1, ((CONVERT(nvarchar(max), t3.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d2, ((CONVERT(nvarchar(max), t4.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d3, ((CONVERT(nvarchar(max), t5.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d4, ((CONVERT(nvarchar(max), t6.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d5, ((CONVERT(nvarchar(max), t7.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d6, ((CONVERT(nvarchar(max), t8.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d7, ((CONVERT(nvarchar(max), t9.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d8, ((CONVERT(nvarchar(max), t10.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d9, t0.[decimal] AS x0 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.[text] = t1.[text] AND ((CONVERT(nvarchar(max), t0.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)
INNER JOIN fixture AS t2 ON t0.[integer] = t2.[integer]
LEFT JOIN fixture AS t3 ON t0.[decimal] = t3.[decimal]
INNER JOIN fixture AS t4 ON (t0.[float] + 0E0) = (t4.[float] + 0E0)
LEFT JOIN fixture AS t5 ON t0.[boolean] = t5.[boolean]
INNER JOIN fixture AS t6 ON t0.[date] = t6.[date]
LEFT JOIN fixture AS t7 ON t0.[time] = t7.[time]
INNER JOIN fixture AS t8 ON t0.[timestamp] = t8.[timestamp]
LEFT JOIN fixture AS t9 ON t0.[timestamptz] = t9.[timestamptz]
INNER JOIN fixture AS t10 ON t0.[uuid] = t10.[uuid]
INNER JOIN fixture AS t11 ON t0.[integer] = t11.[decimal]) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7, d8, d9
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC, CASE WHEN g.d2 IS NULL THEN 1 ELSE 0 END, g.d2 ASC, CASE WHEN g.d3 IS NULL THEN 1 ELSE 0 END, g.d3 ASC, CASE WHEN g.d4 IS NULL THEN 1 ELSE 0 END, g.d4 ASC, CASE WHEN g.d5 IS NULL THEN 1 ELSE 0 END, g.d5 ASC, CASE WHEN g.d6 IS NULL THEN 1 ELSE 0 END, g.d6 ASC, CASE WHEN g.d7 IS NULL THEN 1 ELSE 0 END, g.d7 ASC, CASE WHEN g.d8 IS NULL THEN 1 ELSE 0 END, g.d8 ASC, CASE WHEN g.d9 IS NULL THEN 1 ELSE 0 END, g.d9 ASC
