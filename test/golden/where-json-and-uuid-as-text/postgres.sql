SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ((CAST(CAST("json" AS text) AS text) = CAST(CAST($1 AS text) AS text) AND CAST(CAST("json" AS text) AS text) COLLATE "C" = CAST(CAST($1 AS text) AS text) COLLATE "C") AND (lower(CAST(CAST("json" AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($2 AS text) AS text) COLLATE "default")) AND (lower(CAST(CAST("uuid" AS text) AS text) COLLATE "default") LIKE lower(CAST(CAST($3 AS text) AS text) COLLATE "default")))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "{}"
-- $2 = "%a%"
-- $3 = "AB%"
