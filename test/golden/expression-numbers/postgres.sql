SELECT g.d0 AS c0, g.d1 AS c1, g.d2 AS c2, g.d3 AS c3, g.d4 AS c4, g.d5 AS c5, g.d6 AS c6, g.d7 AS c7
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7
FROM (SELECT CAST(CAST(round(CAST("decimal" AS numeric), 1) AS numeric(38, 1)) AS numeric) AS d0, (CAST((trunc(("float" * 1e1) + (("float" * 1e1) - trunc(("float" * 1e1)))) / 1e1) AS double precision) + 0.0) AS d1, (CAST(CAST("integer" AS numeric) AS numeric) % CAST(NULLIF(CAST(CAST($1 AS bigint) AS numeric), 0) AS numeric)) AS d2, (CAST((CAST("decimal" AS double precision) / NULLIF(CAST("integer" AS double precision), 0)) AS double precision) + 0.0) AS d3, CAST(greatest(CAST("integer" AS numeric), CAST("decimal" AS numeric), CAST(CAST($2 AS bigint) AS numeric)) AS numeric) AS d4, CASE WHEN CAST("text" AS text) ~ '^(?:[+-]?0*[0-9]{1,38})$' THEN CAST(CAST("text" AS text) AS numeric(38, 0)) END AS d5, (CAST((CAST(CASE WHEN "float" > 0 OR ("float" = 0 AND CAST(CAST($3 AS bigint) AS double precision) >= 0) OR ("float" < 0 AND CAST(CAST($3 AS bigint) AS double precision) = trunc(CAST(CAST($3 AS bigint) AS double precision))) THEN power("float", CAST(CAST($3 AS bigint) AS double precision)) END AS double precision) + CAST(CASE WHEN "float" >= 0 THEN sqrt("float") END AS double precision)) AS double precision) + 0.0) AS d6, CAST((CAST(CAST(trunc(CAST("decimal" AS numeric), 1) AS numeric(38, 1)) AS numeric) - CAST(CAST(CAST(floor("decimal") AS numeric(38, 0)) AS numeric) AS numeric)) AS numeric) AS d7 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST, g.d6 ASC NULLS LAST, g.d7 ASC NULLS LAST
-- $1 = "10"
-- $2 = "0"
-- $3 = "2"
