SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (contains(lower("text"), lower(CAST($1 AS VARCHAR))) OR starts_with("text", CAST($2 AS VARCHAR)) OR ends_with(lower("text"), lower(CAST($3 AS VARCHAR))) OR (NOT contains(lower("text"), lower(CAST($4 AS VARCHAR))) OR "text" IS NULL) OR (lower("text") LIKE lower(CAST($5 AS VARCHAR)) ESCAPE '\') OR ("text" LIKE CAST($6 AS VARCHAR) ESCAPE '\'))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "100%_[a]|\\"
-- $2 = "%"
-- $3 = "_"
-- $4 = "["
-- $5 = "a\\%b_|[%"
-- $6 = "A%"
