SELECT g.d0 AS "rounded", CAST(g.d1 AS DOUBLE) AS "near", g.d2 AS "digit", CAST(g.d3 AS DOUBLE) AS "ratio", g.d4 AS "most", g.d5 AS "read", CAST(g.d6 AS DOUBLE) AS "powers", g.d7 AS "rest"
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7
FROM (SELECT CAST(round("decimal", 1) AS DECIMAL(38, 1)) AS d0, ((round(("float" * 1e1)) / 1e1) + 0.0) AS d1, ("integer" % NULLIF(CAST($1 AS BIGINT), 0)) AS d2, ((CAST("decimal" AS DOUBLE) / NULLIF(CAST("integer" AS DOUBLE), 0)) + 0.0) AS d3, greatest("integer", "decimal", CAST($2 AS BIGINT)) AS d4, CASE WHEN regexp_full_match(CAST("text" AS VARCHAR), '[+-]?0*[0-9]{1,38}') THEN TRY_CAST(CAST("text" AS VARCHAR) AS HUGEINT) END AS d5, ((CAST(CASE WHEN "float" > 0 OR ("float" = 0 AND CAST(CAST($3 AS BIGINT) AS DOUBLE) >= 0) OR ("float" < 0 AND CAST(CAST($4 AS BIGINT) AS DOUBLE) = trunc(CAST(CAST($5 AS BIGINT) AS DOUBLE))) THEN pow("float", CAST(CAST($6 AS BIGINT) AS DOUBLE)) END AS DOUBLE) + CAST(CASE WHEN "float" >= 0 THEN sqrt("float") END AS DOUBLE)) + 0.0) AS d6, (CAST(trunc("decimal", 1) AS DECIMAL(38, 1)) - CAST(floor("decimal") AS HUGEINT)) AS d7 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST, g.d6 ASC NULLS LAST, g.d7 ASC NULLS LAST
-- $1 = "10"
-- $2 = "0"
-- $3 = "2"
-- $4 = "2"
-- $5 = "2"
-- $6 = "2"
