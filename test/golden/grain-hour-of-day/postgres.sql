SELECT g.d0 AS c0, g.d1 AS c1
FROM (
SELECT d0, d1
FROM (SELECT CAST(extract(hour FROM timezone('America/St_Johns', "timestamptz")) AS integer) AS d0, CAST(extract(hour FROM "timestamp") AS integer) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
