SELECT CAST(g.d0 AS VARCHAR) AS "text", g.m0 AS "revenue", CAST(g.m1 AS DOUBLE) AS "share", g.m2 AS "named", g.m3 AS "names"
FROM (
SELECT d0, sum(x0) AS m0, (CAST(sum(x1) AS DOUBLE) / nullif(count(x1), 0)) AS m1, count(x2) AS m2, count(DISTINCT x3) AS m3
FROM (SELECT "text" AS d0, ("a.decimal" * "integer") AS x0, (CAST("float" AS DOUBLE) / NULLIF(CAST("integer" AS DOUBLE), 0)) AS x1, CASE WHEN "boolean" = CAST($1 AS BOOLEAN) THEN CAST(CASE WHEN ("text" = CAST($2 AS VARCHAR)) THEN NULL ELSE "text" END AS VARCHAR) END AS x2, upper(trim(CAST("text" AS VARCHAR), ' ')) AS x3 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = true
-- $2 = ""
