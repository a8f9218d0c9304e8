SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2
FROM (
SELECT d0, d1, d2
FROM (SELECT CAST(extract(month FROM timezone('America/St_Johns', "timestamptz")) AS integer) AS d0, CAST(extract(month FROM "timestamp") AS integer) AS d1, CAST(extract(month FROM "date") AS integer) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
