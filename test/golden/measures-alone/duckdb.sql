SELECT g.m0 AS "count", g.m1 AS "sum_decimal"
FROM (
SELECT count(*) AS m0, sum(x1) AS m1
FROM (SELECT "decimal" AS x1 FROM fixture) AS r
) AS g
