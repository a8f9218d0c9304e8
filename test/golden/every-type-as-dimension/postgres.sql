SELECT CAST(g.d0 AS text) AS c0, g.d1 AS c1, g.d2 AS c2, g.d3 AS c3, g.d4 AS c4, CAST(g.d5 AS text) AS c5, CAST(g.d6 AS text) AS c6, replace(CAST(g.d7 AS text), ' ', 'T') AS c7, (replace(CAST(timezone('Europe/Rome', g.d8) AS text), ' ', 'T') || CASE WHEN timezone('Europe/Rome', g.d8) < timezone('UTC', g.d8) THEN '-' ELSE '+' END || to_char(greatest(timezone('Europe/Rome', g.d8) - timezone('UTC', g.d8), timezone('UTC', g.d8) - timezone('Europe/Rome', g.d8)), 'HH24:MI')) AS c8, CAST(g.d9 AS text) AS c9, CAST(g.d10 AS text) AS c10, (CAST(octet_length(g.d11) AS text) || ' bytes') AS c11
FROM (
SELECT d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, "integer" AS d1, CAST("decimal" AS numeric) AS d2, (CAST("float" AS double precision) + 0.0) AS d3, "boolean" AS d4, "date" AS d5, "time" AS d6, "timestamp" AS d7, "timestamptz" AS d8, CAST("uuid" AS text) COLLATE "C" AS d9, CAST("json" AS text) COLLATE "C" AS d10, "binary" AS d11 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST, g.d6 ASC NULLS LAST, g.d7 ASC NULLS LAST, g.d8 ASC NULLS LAST, g.d9 ASC NULLS LAST, g.d10 ASC NULLS LAST, g.d11 ASC NULLS LAST
