SELECT g.m0 AS c0, g.m1 AS c1
FROM (
SELECT COUNT(*) AS m0, SUM(x1) AS m1
FROM (SELECT `decimal` AS x1 FROM fixture) AS r
) AS g
