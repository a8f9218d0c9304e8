SELECT g.d0 AS "instant", g.d1 AS "wall", g.d2 AS "day"
FROM (
SELECT d0, d1, d2
FROM (SELECT ((extract(doy FROM ((CAST(timezone('America/St_Johns', "timestamptz") AS DATE) - COALESCE(CAST(((extract(isodow FROM timezone('America/St_Johns', "timestamptz")) + 0) % 7) AS INTEGER), 0)) + 3)) - 1) // 7 + 1) AS d0, ((extract(doy FROM ((CAST("timestamp" AS DATE) - COALESCE(CAST(((extract(isodow FROM "timestamp") + 0) % 7) AS INTEGER), 0)) + 3)) - 1) // 7 + 1) AS d1, ((extract(doy FROM ((CAST("date" AS DATE) - COALESCE(CAST(((extract(isodow FROM "date") + 0) % 7) AS INTEGER), 0)) + 3)) - 1) // 7 + 1) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
