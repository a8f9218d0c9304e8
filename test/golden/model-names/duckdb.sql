SELECT CAST(g.d0 AS VARCHAR) AS "month", CAST(g.d1 AS VARCHAR) AS "shown", CAST(g.d2 AS VARCHAR) AS "c""; drop table fixture; --.text", g.m0 AS "revenue", g.m1 AS "again"
FROM (
SELECT d0, d1, d2, sum(x0) AS m0, sum(x1) AS m1
FROM (SELECT CAST(date_trunc('month', t0."date") AS DATE) AS d0, ((CAST(CASE WHEN (t0."decimal" > CAST($1 AS BIGINT)) THEN CAST(CAST($2 AS VARCHAR) AS VARCHAR) ELSE CAST(CAST($3 AS VARCHAR) AS VARCHAR) END AS VARCHAR) || CAST(CAST($4 AS VARCHAR) AS VARCHAR)) || COALESCE(CAST(t0."text" AS VARCHAR), CAST(CAST($5 AS VARCHAR) AS VARCHAR))) AS d1, t1."text" AS d2, CASE WHEN CASE WHEN (t0."decimal" > CAST($6 AS BIGINT)) THEN CAST(CAST($7 AS VARCHAR) AS VARCHAR) ELSE CAST(CAST($8 AS VARCHAR) AS VARCHAR) END = CAST($9 AS VARCHAR) THEN t0."decimal" END AS x0, CASE WHEN CASE WHEN (t0."decimal" > CAST($10 AS BIGINT)) THEN CAST(CAST($11 AS VARCHAR) AS VARCHAR) ELSE CAST(CAST($12 AS VARCHAR) AS VARCHAR) END = CAST($13 AS VARCHAR) THEN t0."decimal" END AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0."text""; drop table fixture; --" = t1."text" WHERE ((t0."boolean" = CAST($14 AS BOOLEAN) AND t1."integer" > CAST($15 AS BIGINT)) AND CAST(date_trunc('month', t0."date") AS DATE) >= CAST($16 AS DATE))) AS r
GROUP BY d0, d1, d2
) AS g
WHERE g.m0 > CAST($17 AS BIGINT)
ORDER BY g.m1 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
LIMIT 10
-- $1 = "100"
-- $2 = "big"
-- $3 = "small"
-- $4 = " "
-- $5 = "?"
-- $6 = "100"
-- $7 = "big"
-- $8 = "small"
-- $9 = "big"
-- $10 = "100"
-- $11 = "big"
-- $12 = "small"
-- $13 = "big"
-- $14 = true
-- $15 = "1"
-- $16 = "2024-01-01"
-- $17 = "0"
