SELECT CAST(g.d0 AS VARCHAR) AS "instant", CAST(g.d1 AS VARCHAR) AS "wall", CAST(g.d2 AS VARCHAR) AS "day"
FROM (
SELECT d0, d1, d2
FROM (SELECT (CAST(timezone('America/St_Johns', "timestamptz") AS DATE) - COALESCE(CAST(((extract(isodow FROM timezone('America/St_Johns', "timestamptz")) + 0) % 7) AS INTEGER), 0)) AS d0, (CAST("timestamp" AS DATE) - COALESCE(CAST(((extract(isodow FROM "timestamp") + 0) % 7) AS INTEGER), 0)) AS d1, (CAST("date" AS DATE) - COALESCE(CAST(((extract(isodow FROM "date") + 0) % 7) AS INTEGER), 0)) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
