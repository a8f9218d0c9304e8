SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (contains(lower("text"), lower(CAST($1 AS VARCHAR))) AND starts_with(lower("text"), lower(CAST($2 AS VARCHAR))) AND ends_with(lower("text"), lower(CAST($3 AS VARCHAR))) AND (lower("text") LIKE lower(CAST($4 AS VARCHAR)) ESCAPE '\') AND regexp_matches("text", CAST($5 AS VARCHAR), 'i') AND (NOT contains(lower("text"), lower(CAST($6 AS VARCHAR))) OR "text" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "50%_"
-- $2 = "A"
-- $3 = "Z"
-- $4 = "a\\%_%"
-- $5 = "^a.c$"
-- $6 = "q"
