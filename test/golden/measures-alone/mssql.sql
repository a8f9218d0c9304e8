SELECT CONVERT(varchar(50), g.m0) AS c0, CONVERT(varchar(50), g.m1, 2) AS c1
FROM (
SELECT COUNT_BIG(*) AS m0, SUM(x1) AS m1
FROM (SELECT [decimal] AS x1 FROM fixture) AS r
) AS g
