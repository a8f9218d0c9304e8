SELECT g.d0 AS "same", g.d1 AS "either", g.d2 AS "other", g.d3 AS "among", g.d4 AS "chosen"
FROM (
SELECT d0, d1, d2, d3, d4
FROM (SELECT (("integer" > CAST($1 AS BIGINT)) = "boolean") AS d0, ((NOT (("text" = CAST($2 AS VARCHAR)) AND ("integer" IS NULL))) OR ("decimal" BETWEEN CAST($3 AS BIGINT) AND CAST($4 AS BIGINT))) AS d1, (NOT ("text" IS NOT DISTINCT FROM CAST($5 AS VARCHAR))) AS d2, COALESCE(("integer" IN (CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST(NULL AS HUGEINT))), CAST($8 AS BOOLEAN)) AS d3, CASE WHEN "boolean" THEN ("integer" > CAST($9 AS BIGINT)) ELSE ("text" IS NULL) END AS d4 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST
-- $1 = "1"
-- $2 = "a"
-- $3 = "1"
-- $4 = "2"
-- $5 = "b"
-- $6 = "1"
-- $7 = "2"
-- $8 = false
-- $9 = "0"
