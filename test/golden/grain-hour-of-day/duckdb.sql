SELECT g.d0 AS "instant", g.d1 AS "wall"
FROM (
SELECT d0, d1
FROM (SELECT extract(hour FROM timezone('America/St_Johns', "timestamptz")) AS d0, extract(hour FROM "timestamp") AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
