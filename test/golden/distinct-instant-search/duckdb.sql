SELECT (replace(CAST(timezone('Europe/Rome', g.d0) AS VARCHAR), ' ', 'T') || CASE WHEN CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER) < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) // 60, abs(CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) % 60)) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT "timestamptz" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE contains(lower(CAST((replace(CAST(timezone('Europe/Rome', g.d0) AS VARCHAR), ' ', 'T') || CASE WHEN CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER) < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) // 60, abs(CAST((epoch(timezone('Europe/Rome', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) % 60)) AS VARCHAR)), lower(CAST($1 AS VARCHAR)))
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "T02:"
