SELECT CAST(g.d0 AS VARCHAR) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT "text" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
