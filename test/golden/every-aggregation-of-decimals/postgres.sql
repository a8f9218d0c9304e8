SELECT g.m0 AS c0, g.m1 AS c1, g.m2 AS c2, g.m3 AS c3, g.m4 AS c4, g.m5 AS c5, g.m6 AS c6
FROM (
SELECT count(x0) AS m0, count(DISTINCT x1) AS m1, sum(x2) AS m2, (CAST(sum(x3) AS double precision) / nullif(count(x3), 0)) AS m3, min(x4) AS m4, max(x5) AS m5, percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(x6 AS double precision)) AS m6
FROM (SELECT "decimal" AS x0, CAST("decimal" AS numeric) AS x1, CAST("decimal" AS numeric) AS x2, CAST("decimal" AS numeric) AS x3, CAST("decimal" AS numeric) AS x4, CAST("decimal" AS numeric) AS x5, CAST("decimal" AS numeric) AS x6 FROM fixture) AS r
) AS g
