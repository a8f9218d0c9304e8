SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT CAST(date_trunc('month', CAST(timezone('Europe/Rome', "timestamptz") AS timestamp)) AS date) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE (lower(CAST(CAST(replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($1 AS text) AS text) COLLATE "default"))
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "%2024%"
