SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ("integer" = CAST($1 AS bigint) AND "integer" > CAST($2 AS numeric(2, 1)) AND (CAST("decimal" AS numeric) >= CAST(CAST($3 AS numeric(1, 1)) AS numeric) AND CAST("decimal" AS numeric) <= CAST(CAST($4 AS bigint) AS numeric)) AND "float" < CAST($5 AS double precision) AND "integer" < CAST($6 AS numeric(30, 0)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "9007199254740993"
-- $2 = "1.5"
-- $3 = "-0.1"
-- $4 = "1000"
-- $5 = "0.1"
-- $6 = "123456789012345678901234567890"
