SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (("timestamp" >= CAST(CAST($1 AS text) AS timestamp) AND "timestamp" < CAST(CAST($2 AS text) AS timestamp)) AND (("timestamp" < CAST(CAST($3 AS text) AS timestamp) OR "timestamp" >= CAST(CAST($4 AS text) AS timestamp)) OR "timestamp" IS NULL) AND "timestamp" < CAST(CAST($5 AS text) AS timestamp) AND "timestamp" < CAST(CAST($6 AS text) AS timestamp) AND "timestamp" >= CAST(CAST($7 AS text) AS timestamp) AND "timestamp" >= CAST(CAST($8 AS text) AS timestamp) AND "timestamp" < CAST(CAST($9 AS text) AS timestamp) AND "timestamp" >= CAST(CAST($10 AS text) AS timestamp))) AS r
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
