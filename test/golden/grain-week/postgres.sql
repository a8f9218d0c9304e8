SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1, replace(CAST(g.d2 AS text), ' BC', ' (BC)') AS c2
FROM (
SELECT d0, d1, d2
FROM (SELECT (CAST(timezone('America/St_Johns', "timestamptz") AS date) - COALESCE(((CAST(extract(isodow FROM timezone('America/St_Johns', "timestamptz")) AS integer) + 0) % 7), 0)) AS d0, (CAST("timestamp" AS date) - COALESCE(((CAST(extract(isodow FROM "timestamp") AS integer) + 0) % 7), 0)) AS d1, (CAST("date" AS date) - COALESCE(((CAST(extract(isodow FROM "date") AS integer) + 0) % 7), 0)) AS d2 FROM fixture) AS r
GROUP BY d0, d1, d2
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
