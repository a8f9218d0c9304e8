SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ((lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($1 AS text) AS text) COLLATE "default")) OR (CAST("text" AS text) COLLATE "C" LIKE CAST($2 AS text)) OR (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($3 AS text) AS text) COLLATE "default")) OR (NOT (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($4 AS text) AS text) COLLATE "default")) OR "text" IS NULL) OR (lower(CAST("text" AS text) COLLATE "default") LIKE lower(CAST(CAST($5 AS text) AS text) COLLATE "default")) OR (CAST("text" AS text) COLLATE "C" LIKE CAST($6 AS text)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "%100\\%\\_[a]|\\\\%"
-- $2 = "\\%%"
-- $3 = "%\\_"
-- $4 = "%[%"
-- $5 = "a\\%b_|[%"
-- $6 = "A%"
