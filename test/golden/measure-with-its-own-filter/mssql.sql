SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0, 2) AS c1, CONVERT(varchar(50), g.m1) AS c2
FROM (
SELECT d0, SUM(x0) AS m0, COUNT_BIG(x1) AS m1
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, CASE WHEN ([text] = @p1 AND ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) THEN [decimal] END AS x0, CASE WHEN [boolean] = CAST(1 AS bit) THEN 1 END AS x1 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "web"
