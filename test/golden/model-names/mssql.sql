SELECT CONVERT(char(10), g.d0, 23) AS c0, LEFT(g.d1, LEN(g.d1) - 1) AS c1, LEFT(g.d2, LEN(g.d2) - 1) AS c2, CONVERT(varchar(50), g.m0, 2) AS c3, CONVERT(varchar(50), g.m1, 2) AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, SUM(x1) AS m1
FROM (SELECT DATEADD(month, DATEDIFF(month, CONVERT(date, '0001-01-01'), t0.[date]), CONVERT(date, '0001-01-01')) AS d0, ((CONVERT(nvarchar(max), (((CONVERT(nvarchar(max), CASE WHEN (t0.[decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2) END) COLLATE Latin1_General_100_BIN2) + (CONVERT(nvarchar(max), @p4) COLLATE Latin1_General_100_BIN2)) + COALESCE((CONVERT(nvarchar(max), t0.[text]) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), @p5) COLLATE Latin1_General_100_BIN2)))) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d1, ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d2, CASE WHEN (CASE WHEN (t0.[decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2) END = @p6 AND ((CONVERT(nvarchar(max), CASE WHEN (t0.[decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2) END) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p6) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) THEN t0.[decimal] END AS x0, CASE WHEN (CASE WHEN (t0.[decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2) END = @p7 AND ((CONVERT(nvarchar(max), CASE WHEN (t0.[decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2) END) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p7) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) THEN t0.[decimal] END AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.[text"; drop table fixture; --] = t1.[text] AND ((CONVERT(nvarchar(max), t0.[text"; drop table fixture; --]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), t1.[text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) WHERE ((t0.[boolean] = CAST(1 AS bit) AND t1.[integer] > CAST(@p8 AS bigint)) AND DATEADD(month, DATEDIFF(month, CONVERT(date, '0001-01-01'), t0.[date]), CONVERT(date, '0001-01-01')) >= CAST(@p9 AS date))) AS r
GROUP BY d0, d1, d2
) AS g
WHERE g.m0 > CAST(@p10 AS bigint)
ORDER BY CASE WHEN g.m1 IS NULL THEN 1 ELSE 0 END, g.m1 DESC, CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC, CASE WHEN g.d2 IS NULL THEN 1 ELSE 0 END, g.d2 ASC
OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY
-- @p1 = "100"
-- @p2 = "big"
-- @p3 = "small"
-- @p4 = " "
-- @p5 = "?"
-- @p6 = "big"
-- @p7 = "big"
-- @p8 = "1"
-- @p9 = "2024-01-01"
-- @p10 = "0"
