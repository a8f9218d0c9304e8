SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1, replace(CAST(g.d2 AS text), ' BC', ' (BC)') AS c2
FROM (
SELECT d0, d1, d2
FROM (SELECT CAST(date_trunc('quarter', CAST(timezone('America/St_Johns', "timestamptz") AS timestamp)) AS date) AS d0, CAST(date_trunc('quarter', CAST("timestamp" AS timestamp)) AS date) AS d1, CAST(date_trunc('quarter', CAST("date" AS timestamp)) AS date) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
