SELECT CAST(g.m0 AS VARCHAR) AS "max_text", g.m1 AS "max_boolean", CAST(g.m2 AS VARCHAR) AS "max_date", CAST(g.m3 AS VARCHAR) AS "max_time", replace(CAST(g.m4 AS VARCHAR), ' ', 'T') AS "max_timestamp", (replace(CAST(timezone('UTC', g.m5) AS VARCHAR), ' ', 'T') || 'Z') AS "max_timestamptz", CAST(g.m6 AS VARCHAR) AS "max_uuid"
FROM (
SELECT max(x0) AS m0, max(x1) AS m1, max(x2) AS m2, max(x3) AS m3, max(x4) AS m4, max(x5) AS m5, max(x6) AS m6
FROM (SELECT "text" AS x0, "boolean" AS x1, "date" AS x2, "time" AS x3, "timestamp" AS x4, "timestamptz" AS x5, "uuid" AS x6 FROM fixture) AS r
) AS g
