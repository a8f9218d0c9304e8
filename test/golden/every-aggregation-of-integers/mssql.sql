SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0) AS c1, CONVERT(varchar(50), g.m1) AS c2, CONVERT(varchar(50), g.m2) AS c3, g.m3 AS c4, CONVERT(varchar(50), g.m4) AS c5, CONVERT(varchar(50), g.m5) AS c6, g.m6 AS c7
FROM (
SELECT d0, COUNT_BIG(x0) AS m0, COUNT_BIG(DISTINCT x1) AS m1, SUM(CONVERT(decimal(38, 0), x2)) AS m2, (CONVERT(float, SUM(CONVERT(decimal(38, 0), x3))) / NULLIF(COUNT_BIG(x3), 0)) AS m3, MIN(x4) AS m4, MAX(x5) AS m5, AVG(CONVERT(float, x6)) AS m6
FROM (SELECT d0, x0, x1, x2, x3, x4, x5, CASE WHEN 2 * ROW_NUMBER() OVER (PARTITION BY v.d0 ORDER BY CASE WHEN v.x6 IS NULL THEN 1 ELSE 0 END, v.x6) - COUNT_BIG(v.x6) OVER (PARTITION BY v.d0) BETWEEN 0 AND 2 THEN v.x6 END AS x6 FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, [integer] AS x0, [integer] AS x1, [integer] AS x2, [integer] AS x3, [integer] AS x4, [integer] AS x5, [integer] AS x6 FROM fixture) AS v) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
