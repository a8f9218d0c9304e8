SELECT (replace(CAST(timezone('America/St_Johns', g.d0) AS text), ' ', 'T') || CASE WHEN timezone('America/St_Johns', g.d0) < timezone('UTC', g.d0) THEN '-' ELSE '+' END || to_char(greatest(timezone('America/St_Johns', g.d0) - timezone('UTC', g.d0), timezone('UTC', g.d0) - timezone('America/St_Johns', g.d0)), 'HH24:MI')) AS c0, replace(CAST(g.d1 AS text), ' ', 'T') AS c1
FROM (
SELECT d0, d1
FROM (SELECT ("timestamptz" - (timezone('America/St_Johns', "timestamptz") - date_trunc('minute', CAST(timezone('America/St_Johns', "timestamptz") AS timestamp)))) AS d0, date_trunc('minute', CAST("timestamp" AS timestamp)) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
