SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1, g.m0 AS c2
FROM (
SELECT d0, d1, max(x0) AS m0
FROM (SELECT CAST(date_trunc('month', CAST(("timestamp" + 1 * interval '1 hour') AS timestamp)) AS date) AS d0, (CAST(timezone('Europe/Rome', "timestamptz") AS date) - COALESCE(((CAST(extract(isodow FROM timezone('Europe/Rome', "timestamptz")) AS integer) + 6) % 7), 0)) AS d1, (CAST($1 AS date) - "date") AS x0 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.m0 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
LIMIT 10
-- $1 = "2024-03-15"
