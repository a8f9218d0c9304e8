SELECT CAST(g.d0 AS text) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE "integer" > CAST($1 AS bigint)) AS r
GROUP BY d0
) AS g
WHERE (lower(CAST(CAST(CAST(g.d0 AS text) AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($2 AS text) AS text) COLLATE "default"))
ORDER BY g.d0 ASC NULLS LAST
LIMIT 100
-- $1 = "0"
-- $2 = "%50\\%%"
