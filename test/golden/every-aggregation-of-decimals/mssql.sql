SELECT CONVERT(varchar(50), g.m0) AS c0, CONVERT(varchar(50), g.m1) AS c1, CONVERT(varchar(50), g.m2, 2) AS c2, g.m3 AS c3, CONVERT(varchar(50), g.m4, 2) AS c4, CONVERT(varchar(50), g.m5, 2) AS c5, g.m6 AS c6
FROM (
SELECT COUNT_BIG(x0) AS m0, COUNT_BIG(DISTINCT x1) AS m1, SUM(x2) AS m2, (CONVERT(float, SUM(x3)) / NULLIF(COUNT_BIG(x3), 0)) AS m3, MIN(x4) AS m4, MAX(x5) AS m5, AVG(CONVERT(float, x6)) AS m6
FROM (SELECT x0, x1, x2, x3, x4, x5, CASE WHEN 2 * ROW_NUMBER() OVER ( ORDER BY CASE WHEN v.x6 IS NULL THEN 1 ELSE 0 END, v.x6) - COUNT_BIG(v.x6) OVER () BETWEEN 0 AND 2 THEN v.x6 END AS x6 FROM (SELECT [decimal] AS x0, [decimal] AS x1, [decimal] AS x2, [decimal] AS x3, [decimal] AS x4, [decimal] AS x5, [decimal] AS x6 FROM fixture) AS v) AS r
) AS g
