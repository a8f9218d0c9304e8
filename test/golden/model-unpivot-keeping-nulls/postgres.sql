SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1
FROM (
SELECT d0, count(x0) AS m0
FROM (SELECT CAST(t0.u15 AS text) COLLATE "C" AS d0, t0.u16 AS x0 FROM (SELECT CASE n.k WHEN 0 THEN CAST($1 AS text) WHEN 1 THEN CAST($2 AS text) END AS u15, CASE n.k WHEN 0 THEN b."float" WHEN 1 THEN CAST(b."integer's" AS double precision) END AS u16 FROM fixture AS b CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS n) AS t0) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "float"
-- $2 = "integer's"
