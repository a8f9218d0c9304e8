SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2
FROM (
SELECT d0, d1, d2
FROM (SELECT ((CAST(extract(doy FROM ((CAST(timezone('America/St_Johns', "timestamptz") AS date) - COALESCE(((CAST(extract(isodow FROM timezone('America/St_Johns', "timestamptz")) AS integer) + 0) % 7), 0)) + 3)) AS integer) - 1) / 7 + 1) AS d0, ((CAST(extract(doy FROM ((CAST("timestamp" AS date) - COALESCE(((CAST(extract(isodow FROM "timestamp") AS integer) + 0) % 7), 0)) + 3)) AS integer) - 1) / 7 + 1) AS d1, ((CAST(extract(doy FROM ((CAST("date" AS date) - COALESCE(((CAST(extract(isodow FROM "date") AS integer) + 0) % 7), 0)) + 3)) AS integer) - 1) / 7 + 1) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
