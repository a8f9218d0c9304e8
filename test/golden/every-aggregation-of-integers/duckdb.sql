SELECT CAST(g.d0 AS VARCHAR) AS "text", g.m0 AS "count_integer", g.m1 AS "countDistinct_integer", g.m2 AS "sum_integer", CAST(g.m3 AS DOUBLE) AS "avg_integer", g.m4 AS "min_integer", g.m5 AS "max_integer", CAST(g.m6 AS DOUBLE) AS "median_integer"
FROM (
SELECT d0, count(x0) AS m0, count(DISTINCT x1) AS m1, sum(x2) AS m2, (CAST(sum(x3) AS DOUBLE) / nullif(count(x3), 0)) AS m3, min(x4) AS m4, max(x5) AS m5, median(CAST(x6 AS DOUBLE)) AS m6
FROM (SELECT "text" AS d0, "integer" AS x0, "integer" AS x1, "integer" AS x2, "integer" AS x3, "integer" AS x4, "integer" AS x5, "integer" AS x6 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
