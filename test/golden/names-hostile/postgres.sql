SELECT CAST(g.d0 AS text) AS c0, g.d1 AS c1, replace(CAST(g.d2 AS text), ' BC', ' (BC)') AS c2, g.d3 AS c3, replace(CAST(g.d4 AS text), ' BC', ' (BC)') AS c4, g.m0 AS c5
FROM (
SELECT d0, d1, d2, d3, d4, sum(x0) AS m0
FROM (SELECT CAST("text""; drop table fixture; --" AS text) COLLATE "C" AS d0, "integer's" AS d1, "🦆 date" AS d2, (CAST("d0" AS double precision) + 0.0) AS d3, (CAST(timezone('UTC', "select") AS date) - COALESCE(((CAST(extract(isodow FROM timezone('UTC', "select")) AS integer) + 6) % 7), 0)) AS d4, CAST("a.decimal" AS numeric) AS x0 FROM fixture WHERE ((CAST("text""; drop table fixture; --" AS text) <> CAST(CAST($1 AS text) AS text) OR CAST("text""; drop table fixture; --" AS text) COLLATE "C" <> CAST(CAST($1 AS text) AS text) COLLATE "C") OR "text""; drop table fixture; --" IS NULL)) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
WHERE CAST(g.m0 AS numeric) > CAST(CAST($2 AS bigint) AS numeric)
ORDER BY g.d3 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d4 ASC NULLS LAST
-- $1 = "\"; drop table fixture; --"
-- $2 = "0"
