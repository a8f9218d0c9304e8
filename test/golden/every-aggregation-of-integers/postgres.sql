SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1, g.m1 AS c2, g.m2 AS c3, g.m3 AS c4, g.m4 AS c5, g.m5 AS c6, g.m6 AS c7
FROM (
SELECT d0, count(x0) AS m0, count(DISTINCT x1) AS m1, sum(x2) AS m2, (CAST(sum(x3) AS double precision) / nullif(count(x3), 0)) AS m3, min(x4) AS m4, max(x5) AS m5, percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(x6 AS double precision)) AS m6
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, "integer" AS x0, "integer" AS x1, "integer" AS x2, "integer" AS x3, "integer" AS x4, "integer" AS x5, "integer" AS x6 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
