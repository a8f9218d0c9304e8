SELECT replace(CAST(g.d0 AS text), ' BC', ' (BC)') AS c0, CAST(g.d1 AS text) AS c1, CAST(g.d2 AS text) AS c2, g.m0 AS c3, g.m1 AS c4
FROM (
SELECT d0, d1, d2, sum(x0) AS m0, sum(x1) AS m1
FROM (SELECT CAST(date_trunc('month', CAST(t0."date" AS timestamp)) AS date) AS d0, CAST(((CAST(CASE WHEN (CAST(t0."decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) ELSE CAST(CAST($3 AS text) AS text) END AS text) || CAST(CAST($4 AS text) AS text)) || COALESCE(CAST(t0."text" AS text), CAST(CAST($5 AS text) AS text))) AS text) COLLATE "C" AS d1, CAST(t1."text" AS text) COLLATE "C" AS d2, CASE WHEN (CAST(CASE WHEN (CAST(t0."decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) ELSE CAST(CAST($3 AS text) AS text) END AS text) = CAST(CAST($6 AS text) AS text) AND CAST(CASE WHEN (CAST(t0."decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) ELSE CAST(CAST($3 AS text) AS text) END AS text) COLLATE "C" = CAST(CAST($6 AS text) AS text) COLLATE "C") THEN CAST(t0."decimal" AS numeric) END AS x0, CASE WHEN (CAST(CASE WHEN (CAST(t0."decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) ELSE CAST(CAST($3 AS text) AS text) END AS text) = CAST(CAST($7 AS text) AS text) AND CAST(CASE WHEN (CAST(t0."decimal" AS numeric) > CAST(CAST($1 AS bigint) AS numeric)) THEN CAST(CAST($2 AS text) AS text) ELSE CAST(CAST($3 AS text) AS text) END AS text) COLLATE "C" = CAST(CAST($7 AS text) AS text) COLLATE "C") THEN CAST(t0."decimal" AS numeric) END AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON CAST(t0."text""; drop table fixture; --" AS text) = CAST(t1."text" AS text) AND CAST(t0."text""; drop table fixture; --" AS text) COLLATE "C" = CAST(t1."text" AS text) COLLATE "C" WHERE ((t0."boolean" = CAST($8 AS boolean) AND t1."integer" > CAST($9 AS bigint)) AND CAST(date_trunc('month', CAST(t0."date" AS timestamp)) AS date) >= CAST($10 AS date))) AS r
GROUP BY d0, d1, d2
) AS g
WHERE CAST(g.m0 AS numeric) > CAST(CAST($11 AS bigint) AS numeric)
ORDER BY g.m1 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST
LIMIT 10
-- $1 = "100"
-- $2 = "big"
-- $3 = "small"
-- $4 = " "
-- $5 = "?"
-- $6 = "big"
-- $7 = "big"
-- $8 = "true"
-- $9 = "1"
-- $10 = "2024-01-01"
-- $11 = "0"
