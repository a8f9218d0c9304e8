SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (("timestamp" >= CAST($1 AS timestamp) AND "timestamp" < CAST($2 AS timestamp)) AND (("timestamp" < CAST($3 AS timestamp) OR "timestamp" >= CAST($4 AS timestamp)) OR "timestamp" IS NULL) AND "timestamp" < CAST($5 AS timestamp) AND "timestamp" < CAST($6 AS timestamp) AND "timestamp" >= CAST($7 AS timestamp) AND "timestamp" >= CAST($8 AS timestamp) AND "timestamp" < CAST($9 AS timestamp) AND "timestamp" >= CAST($10 AS timestamp))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2024-10-27T00:00:00"
-- $2 = "2024-10-28T00:00:00"
-- $3 = "2024-10-27T00:00:00"
-- $4 = "2024-10-28T00:00:00"
-- $5 = "2024-10-27T00:00:00"
-- $6 = "2024-10-28T00:00:00"
-- $7 = "2024-10-28T00:00:00"
-- $8 = "2024-10-27T00:00:00"
-- $9 = "2024-10-27T00:00:00"
-- $10 = "2024-10-28T00:00:00"
