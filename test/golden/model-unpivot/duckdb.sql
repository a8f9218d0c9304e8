SELECT CAST(g.d0 AS VARCHAR) AS "which", g.m0 AS "total"
FROM (
SELECT d0, sum(x0) AS m0
FROM (SELECT t0.u15 AS d0, (t0.u16 * CAST($1 AS BIGINT)) AS x0 FROM (SELECT CASE n.k WHEN 0 THEN CAST($2 AS VARCHAR) WHEN 1 THEN CAST($3 AS VARCHAR) END AS u15, CASE n.k WHEN 0 THEN b."integer" WHEN 1 THEN b."decimal" END AS u16 FROM fixture AS b CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS n WHERE CASE n.k WHEN 0 THEN b."integer" WHEN 1 THEN b."decimal" END IS NOT NULL) AS t0
INNER JOIN fixture AS t1 ON t0.u15 = t1."text" WHERE (t0.u15 <> CAST($4 AS VARCHAR) OR t0.u15 IS NULL)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2"
-- $2 = "integer"
-- $3 = "decimal"
-- $4 = "decimal"
