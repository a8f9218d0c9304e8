SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (("timestamp" >= CAST($1 AS TIMESTAMP) AND "timestamp" < CAST($2 AS TIMESTAMP)) AND (("timestamp" < CAST($3 AS TIMESTAMP) OR "timestamp" >= CAST($4 AS TIMESTAMP)) OR "timestamp" IS NULL) AND "timestamp" < CAST($5 AS TIMESTAMP) AND "timestamp" < CAST($6 AS TIMESTAMP) AND "timestamp" >= CAST($7 AS TIMESTAMP) AND "timestamp" >= CAST($8 AS TIMESTAMP) AND "timestamp" < CAST($9 AS TIMESTAMP) AND "timestamp" >= CAST($10 AS TIMESTAMP))) AS r
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
