SELECT CAST(g.d0 AS text) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT CAST(substr(CAST("text" AS text), 1, 1) AS text) COLLATE "C" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE (lower(CAST(CAST(CAST(g.d0 AS text) AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($1 AS text) AS text) COLLATE "default"))
ORDER BY g.n DESC NULLS LAST, g.d0 ASC NULLS LAST
LIMIT 5
-- $1 = "%a%"
