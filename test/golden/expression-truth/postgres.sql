SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2, g.d3 AS c3, g.d4 AS c4
FROM (
SELECT d0, d1, d2, d3, d4
FROM (SELECT (("integer" > CAST($1 AS bigint)) = "boolean") AS d0, ((NOT ((CAST("text" AS text) COLLATE "C" = CAST(CAST($2 AS text) AS text) COLLATE "C") AND ("integer" IS NULL))) OR (CAST("decimal" AS numeric) BETWEEN CAST(CAST($3 AS bigint) AS numeric) AND CAST(CAST($4 AS bigint) AS numeric))) AS d1, (NOT (CAST("text" AS text) COLLATE "C" IS NOT DISTINCT FROM CAST(CAST($5 AS text) AS text) COLLATE "C")) AS d2, COALESCE(("integer" IN (CAST($6 AS bigint), CAST($7 AS bigint), CAST(NULL AS bigint))), CAST($8 AS boolean)) AS d3, CASE WHEN "boolean" THEN ("integer" > CAST($9 AS bigint)) ELSE ("text" IS NULL) END AS d4 FROM fixture) AS r
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
-- $8 = "false"
-- $9 = "0"
