SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ("date" = CAST($1 AS date) AND "date" <= CAST($2 AS timestamp) AND ("date" >= CAST($3 AS date) AND "date" < CAST($4 AS date)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2024-02-29"
-- $2 = "2024-02-29T12:00:00"
-- $3 = "2024-02-01"
-- $4 = "2024-03-01"
