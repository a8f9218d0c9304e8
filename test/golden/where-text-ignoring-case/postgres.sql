SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ((lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($1 AS text) AS text) COLLATE "default")) AND (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($2 AS text) AS text) COLLATE "default")) AND (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($3 AS text) AS text) COLLATE "default")) AND (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($4 AS text) AS text) COLLATE "default")) AND (CAST("text" AS text) COLLATE "default" ~* CAST($5 AS text)) AND (NOT (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($6 AS text) AS text) COLLATE "default")) OR "text" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "%50\\%\\_%"
-- $2 = "A%"
-- $3 = "%Z"
-- $4 = "a\\%_%"
-- $5 = "(?p)^a.c$"
-- $6 = "%q%"
