SELECT CAST(g.d0 AS VARCHAR) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT substring(CAST("text" AS VARCHAR), 1, 1) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE contains(lower(CAST(CAST(g.d0 AS VARCHAR) AS VARCHAR)), lower(CAST($1 AS VARCHAR)))
ORDER BY g.n DESC NULLS LAST, g.d0 ASC NULLS LAST
LIMIT 5
-- $1 = "a"
