SELECT CAST(g.d0 AS VARCHAR) AS "month", CAST(g.d1 AS VARCHAR) AS "week", g.m0 AS "age"
FROM (
SELECT d0, d1, max(x0) AS m0
FROM (SELECT CAST(date_trunc('month', ("timestamp" + to_hours(1))) AS DATE) AS d0, (CAST(timezone('Europe/Rome', "timestamptz") AS DATE) - COALESCE(CAST(((extract(isodow FROM timezone('Europe/Rome', "timestamptz")) + 6) % 7) AS INTEGER), 0)) AS d1, date_diff('day', "date", CAST($1 AS DATE)) AS x0 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.m0 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
LIMIT 10
-- $1 = "2024-03-15"
