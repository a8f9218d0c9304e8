SELECT CAST(g.d0 AS text) AS c0, g.d1 AS c1, g.m0 AS c2
FROM (
SELECT d0, d1, sum(x0) AS m0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, "integer" AS d1, CAST("decimal" AS numeric) AS x0 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.m0 DESC NULLS LAST, g.d1 ASC NULLS FIRST, g.d0 ASC NULLS LAST
LIMIT 10 OFFSET 20
