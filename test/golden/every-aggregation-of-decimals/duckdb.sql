SELECT g.m0 AS "count_decimal", g.m1 AS "countDistinct_decimal", g.m2 AS "sum_decimal", CAST(g.m3 AS DOUBLE) AS "avg_decimal", g.m4 AS "min_decimal", g.m5 AS "max_decimal", CAST(g.m6 AS DOUBLE) AS "median_decimal"
FROM (
SELECT count(x0) AS m0, count(DISTINCT x1) AS m1, sum(x2) AS m2, (CAST(sum(x3) AS DOUBLE) / nullif(count(x3), 0)) AS m3, min(x4) AS m4, max(x5) AS m5, median(CAST(x6 AS DOUBLE)) AS m6
FROM (SELECT "decimal" AS x0, "decimal" AS x1, "decimal" AS x2, "decimal" AS x3, "decimal" AS x4, "decimal" AS x5, "decimal" AS x6 FROM fixture) AS r
) AS g
