SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(char(10), g.d1, 23) AS c1, CONVERT(varchar(50), g.m0, 2) AS c2, g.m1 AS c3, CONVERT(varchar(50), g.m2) AS c4
FROM (
SELECT d0, d1, SUM(x0) AS m0, (CONVERT(float, SUM(CONVERT(decimal(38, 0), x1))) / NULLIF(COUNT_BIG(x1), 0)) AS m1, COUNT_BIG(DISTINCT x2) AS m2
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, DATEADD(month, DATEDIFF(month, CONVERT(date, '0001-01-01'), [date]), CONVERT(date, '0001-01-01')) AS d1, [decimal] AS x0, [integer] AS x1, LOWER(CONVERT(char(36), [uuid])) AS x2 FROM fixture) AS r
GROUP BY d0, d1
) AS g
WHERE (g.m0 > CAST(@p1 AS decimal(1, 1)) OR g.m1 <= CAST(@p2 AS float) OR g.m2 >= CAST(@p3 AS bigint) OR (g.d1 >= CAST(@p4 AS date) AND g.d1 < CAST(@p5 AS date)))
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC
-- @p1 = "0.5"
-- @p2 = "2.5"
-- @p3 = "3"
-- @p4 = "2024-01-01"
-- @p5 = "2025-01-01"
