SELECT CAST(g.d0 AS VARCHAR) AS "text", CAST(g.d1 AS VARCHAR) AS "timestamptz"
FROM (
SELECT d0, d1
FROM (SELECT "text" AS d0, CAST(timezone('UTC', "timestamptz") AS DATE) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
LIMIT 0
