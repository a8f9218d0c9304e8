SELECT CAST(g.d0 AS text) AS c0, CAST(g.d1 AS text) AS c1, CAST(g.d2 AS text) AS c2
FROM (
SELECT d0, d1, d2
FROM (SELECT CAST(timezone('America/St_Johns', "timestamptz") AS date) AS d0, CAST("timestamp" AS date) AS d1, CAST("date" AS date) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
