SELECT CAST(g.d0 AS text) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
