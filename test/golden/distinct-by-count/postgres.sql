SELECT g.d0 AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT "integer" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.n DESC NULLS LAST, g.d0 ASC NULLS LAST
LIMIT 20 OFFSET 40
