SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0, 2) AS c1, g.m1 AS c2, CONVERT(varchar(50), g.m2) AS c3, CONVERT(varchar(50), g.m3) AS c4
FROM (
SELECT d0, SUM(x0) AS m0, (CONVERT(float, SUM(x1)) / NULLIF(COUNT_BIG(x1), 0)) AS m1, COUNT_BIG(x2) AS m2, COUNT_BIG(DISTINCT x3) AS m3
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, ([a.decimal] * CONVERT(decimal(38, 0), [integer])) AS x0, CONVERT(float, (CONVERT(float, [float]) / NULLIF(CONVERT(float, [integer]), 0))) AS x1, CASE WHEN [boolean] = CAST(1 AS bit) THEN (CONVERT(nvarchar(max), CASE WHEN (((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) THEN NULL ELSE [text] END) COLLATE Latin1_General_100_BIN2) END AS x2, ((CONVERT(nvarchar(max), (UPPER(RTRIM(LTRIM((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2))) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2)) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS x3 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = ""
