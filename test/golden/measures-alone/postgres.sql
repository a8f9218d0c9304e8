SELECT g.m0 AS c0, g.m1 AS c1
FROM (
SELECT count(*) AS m0, sum(x1) AS m1
FROM (SELECT CAST("decimal" AS numeric) AS x1 FROM fixture) AS r
) AS g
