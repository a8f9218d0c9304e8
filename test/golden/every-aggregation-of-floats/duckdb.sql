SELECT g.m0 AS "count_float", g.m1 AS "countDistinct_float", CAST(g.m2 AS DOUBLE) AS "sum_float", CAST(g.m3 AS DOUBLE) AS "avg_float", CAST(g.m4 AS DOUBLE) AS "min_float", CAST(g.m5 AS DOUBLE) AS "max_float", CAST(g.m6 AS DOUBLE) AS "median_float"
FROM (
SELECT count(x0) AS m0, count(DISTINCT x1) AS m1, sum(x2) AS m2, (CAST(sum(x3) AS DOUBLE) / nullif(count(x3), 0)) AS m3, min(x4) AS m4, max(x5) AS m5, median(CAST(x6 AS DOUBLE)) AS m6
FROM (SELECT "float" AS x0, "float" AS x1, "float" AS x2, "float" AS x3, "float" AS x4, "float" AS x5, "float" AS x6 FROM fixture) AS r
) AS g
