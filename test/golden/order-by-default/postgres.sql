SELECT CAST(g.d0 AS text) AS c0, replace(CAST(g.d1 AS text), ' BC', ' (BC)') AS c1
FROM (
SELECT d0, d1
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, CAST(timezone('UTC', "timestamptz") AS date) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
LIMIT 0
