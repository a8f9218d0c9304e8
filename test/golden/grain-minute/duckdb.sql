SELECT (replace(CAST(timezone('America/St_Johns', g.d0) AS VARCHAR), ' ', 'T') || CASE WHEN CAST((epoch(timezone('America/St_Johns', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER) < 0 THEN '-' ELSE '+' END || printf('%02d:%02d', abs(CAST((epoch(timezone('America/St_Johns', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) // 60, abs(CAST((epoch(timezone('America/St_Johns', g.d0)) - epoch(timezone('UTC', g.d0))) // 60 AS INTEGER)) % 60)) AS "instant", replace(CAST(g.d1 AS VARCHAR), ' ', 'T') AS "wall"
FROM (
SELECT d0, d1
FROM (SELECT ("timestamptz" - (timezone('America/St_Johns', "timestamptz") - date_trunc('minute', timezone('America/St_Johns', "timestamptz")))) AS d0, date_trunc('minute', "timestamp") AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
