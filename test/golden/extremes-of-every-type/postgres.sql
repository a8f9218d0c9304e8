SELECT CAST(g.m0 AS text) AS c0, g.m1 AS c1, CAST(g.m2 AS text) AS c2, CAST(g.m3 AS text) AS c3, replace(CAST(g.m4 AS text), ' ', 'T') AS c4, (replace(CAST(timezone('UTC', g.m5) AS text), ' ', 'T') || 'Z') AS c5, CAST(g.m6 AS text) AS c6
FROM (
SELECT max(x0) AS m0, bool_or(x1) AS m1, max(x2) AS m2, max(x3) AS m3, max(x4) AS m4, max(x5) AS m5, max(x6) AS m6
FROM (SELECT CAST("text" AS text) COLLATE "C" AS x0, "boolean" AS x1, "date" AS x2, "time" AS x3, "timestamp" AS x4, "timestamptz" AS x5, CAST("uuid" AS text) COLLATE "C" AS x6 FROM fixture) AS r
) AS g
