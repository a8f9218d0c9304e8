SELECT (replace(CAST(timezone('Europe/Rome', g.d0) AS text), ' ', 'T') || CASE WHEN timezone('Europe/Rome', g.d0) < timezone('UTC', g.d0) THEN '-' ELSE '+' END || to_char(greatest(timezone('Europe/Rome', g.d0) - timezone('UTC', g.d0), timezone('UTC', g.d0) - timezone('Europe/Rome', g.d0)), 'HH24:MI')) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT "timestamptz" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE (lower(CAST(CAST((replace(CAST(timezone('Europe/Rome', g.d0) AS text), ' ', 'T') || CASE WHEN timezone('Europe/Rome', g.d0) < timezone('UTC', g.d0) THEN '-' ELSE '+' END || to_char(greatest(timezone('Europe/Rome', g.d0) - timezone('UTC', g.d0), timezone('UTC', g.d0) - timezone('Europe/Rome', g.d0)), 'HH24:MI')) AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($1 AS text) AS text) COLLATE "default"))
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "%T02:%"
