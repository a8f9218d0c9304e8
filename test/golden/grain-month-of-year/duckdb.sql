SELECT g.d0 AS "instant", g.d1 AS "wall", g.d2 AS "day"
FROM (
SELECT d0, d1, d2
FROM (SELECT extract(month FROM timezone('America/St_Johns', "timestamptz")) AS d0, extract(month FROM "timestamp") AS d1, extract(month FROM "date") AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
