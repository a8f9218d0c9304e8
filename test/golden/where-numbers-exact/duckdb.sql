SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE ("integer" = CAST($1 AS BIGINT) AND "integer" > CAST($2 AS DECIMAL(2, 1)) AND ("decimal" >= CAST($3 AS DECIMAL(1, 1)) AND "decimal" <= CAST($4 AS BIGINT)) AND "float" < CAST($5 AS DOUBLE) AND "integer" < CAST($6 AS DECIMAL(30, 0)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "9007199254740993"
-- $2 = "1.5"
-- $3 = "-0.1"
-- $4 = "1000"
-- $5 = "0.1"
-- $6 = "123456789012345678901234567890"
