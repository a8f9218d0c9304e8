SELECT CAST(g.d0 AS VARCHAR) AS "text", g.d1 AS "integer", g.m0 AS "revenue"
FROM (
SELECT d0, d1, sum(x0) AS m0
FROM (SELECT "text" AS d0, "integer" AS d1, "decimal" AS x0 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.m0 DESC NULLS LAST, g.d1 ASC NULLS FIRST, g.d0 ASC NULLS LAST
LIMIT 10 OFFSET 20
