SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1
FROM (
SELECT d0, sum(x0) AS m0
FROM (SELECT CAST(t0.u15 AS text) COLLATE "C" AS d0, CAST((CAST(t0.u16 AS numeric) * CAST(CAST(CAST($1 AS bigint) AS numeric) AS numeric)) AS numeric) AS x0 FROM (SELECT CASE n.k WHEN 0 THEN CAST($2 AS text) WHEN 1 THEN CAST($3 AS text) END AS u15, CASE n.k WHEN 0 THEN b."integer" WHEN 1 THEN b."decimal" END AS u16 FROM fixture AS b CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS n WHERE CASE n.k WHEN 0 THEN b."integer" WHEN 1 THEN b."decimal" END IS NOT NULL) AS t0
INNER JOIN fixture AS t1 ON CAST(t0.u15 AS text) = CAST(t1."text" AS text) AND CAST(t0.u15 AS text) COLLATE "C" = CAST(t1."text" AS text) COLLATE "C" WHERE ((CAST(t0.u15 AS text) <> CAST(CAST($4 AS text) AS text) OR CAST(t0.u15 AS text) COLLATE "C" <> CAST(CAST($4 AS text) AS text) COLLATE "C") OR t0.u15 IS NULL)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "2"
-- $2 = "integer"
-- $3 = "decimal"
-- $4 = "decimal"
