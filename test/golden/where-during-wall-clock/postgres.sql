SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ("timestamp" >= CAST($1 AS timestamp) AND "timestamp" < CAST($2 AS timestamp))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2024-03-15T08:00:00"
-- $2 = "2024-03-15T09:30:00"
