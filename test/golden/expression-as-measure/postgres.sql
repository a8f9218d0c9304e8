SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1, g.m1 AS c2, g.m2 AS c3, g.m3 AS c4
FROM (
SELECT d0, sum(x0) AS m0, (CAST(sum(x1) AS double precision) / nullif(count(x1), 0)) AS m1, count(x2) AS m2, count(DISTINCT x3) AS m3
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, CAST((CAST("a.decimal" AS numeric) * CAST(CAST("integer" AS numeric) AS numeric)) AS numeric) AS x0, CAST((CAST("float" AS double precision) / NULLIF(CAST("integer" AS double precision), 0)) AS double precision) AS x1, CASE WHEN "boolean" = CAST($1 AS boolean) THEN CAST(CASE WHEN (CAST("text" AS text) COLLATE "C" = CAST(CAST($2 AS text) AS text) COLLATE "C") THEN NULL ELSE "text" END AS text) END AS x2, CAST(upper(CAST(btrim(CAST("text" AS text), ' ') AS text) COLLATE "default") AS text) COLLATE "C" AS x3 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "true"
-- $2 = ""
