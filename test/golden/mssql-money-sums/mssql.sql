SELECT CONVERT(varchar(50), g.m0, 2) AS c0, g.m1 AS c1, CONVERT(varchar(50), g.m2, 2) AS c2, CONVERT(varchar(50), g.m3, 2) AS c3, CONVERT(varchar(50), g.m4, 2) AS c4, g.m5 AS c5, CONVERT(varchar(50), g.m6, 2) AS c6, CONVERT(varchar(50), g.m7, 2) AS c7
FROM (
SELECT SUM(x0) AS m0, (CONVERT(float, SUM(x1)) / NULLIF(COUNT_BIG(x1), 0)) AS m1, MIN(x2) AS m2, MAX(x3) AS m3, SUM(x4) AS m4, (CONVERT(float, SUM(x5)) / NULLIF(COUNT_BIG(x5), 0)) AS m5, MIN(x6) AS m6, MAX(x7) AS m7
FROM (SELECT CONVERT(decimal(19, 4), [money]) AS x0, CONVERT(decimal(19, 4), [money]) AS x1, CONVERT(decimal(19, 4), [money]) AS x2, CONVERT(decimal(19, 4), [money]) AS x3, CONVERT(decimal(10, 4), [smallmoney]) AS x4, CONVERT(decimal(10, 4), [smallmoney]) AS x5, CONVERT(decimal(10, 4), [smallmoney]) AS x6, CONVERT(decimal(10, 4), [smallmoney]) AS x7 FROM fixture) AS r
) AS g
