SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.d1) AS c1, CONVERT(char(10), g.d2, 23) AS c2, g.d3 AS c3, CONVERT(char(10), g.d4, 23) AS c4, CONVERT(varchar(50), g.m0, 2) AS c5
FROM (
SELECT d0, d1, d2, d3, d4, SUM(x0) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), [text"; drop table fixture; --]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, [integer's] AS d1, [🦆 date] AS d2, (CONVERT(float, [d0]) + 0E0) AS d3, DATEADD(day, (DATEDIFF(day, CONVERT(date, '0001-01-01'), CONVERT(datetime2(6), SWITCHOFFSET(CONVERT(datetimeoffset(6), [select]), '+00:00'))) + 7) / 7 * 7 - 7, CONVERT(date, '0001-01-01')) AS d4, [a.decimal] AS x0 FROM fixture WHERE (([text"; drop table fixture; --] <> @p1 OR ((CONVERT(nvarchar(max), [text"; drop table fixture; --]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) <> ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) OR [text"; drop table fixture; --] IS NULL)) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
WHERE g.m0 > CAST(@p2 AS bigint)
ORDER BY CASE WHEN g.d3 IS NULL THEN 1 ELSE 0 END, g.d3 DESC, CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC, CASE WHEN g.d2 IS NULL THEN 1 ELSE 0 END, g.d2 ASC, CASE WHEN g.d4 IS NULL THEN 1 ELSE 0 END, g.d4 ASC
-- @p1 = "\"; drop table fixture; --"
-- @p2 = "0"
