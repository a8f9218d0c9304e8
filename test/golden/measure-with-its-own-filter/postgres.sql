SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1, g.m1 AS c2
FROM (
SELECT d0, sum(x0) AS m0, count(x1) AS m1
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0, CASE WHEN (CAST("text" AS text) = CAST(CAST($1 AS text) AS text) AND CAST("text" AS text) COLLATE "C" = CAST(CAST($1 AS text) AS text) COLLATE "C") THEN CAST("decimal" AS numeric) END AS x0, CASE WHEN "boolean" = CAST($2 AS boolean) THEN 1 END AS x1 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "web"
-- $2 = "true"
