SELECT CAST(g.d0 AS VARCHAR) AS "text", g.m0 AS "web", g.m1 AS "paid"
FROM (
SELECT d0, sum(x0) AS m0, count(x1) AS m1
FROM (SELECT "text" AS d0, CASE WHEN "text" = CAST($1 AS VARCHAR) THEN "decimal" END AS x0, CASE WHEN "boolean" = CAST($2 AS BOOLEAN) THEN 1 END AS x1 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "web"
-- $2 = true
