SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (contains("text", CAST($1 AS VARCHAR)) AND (NOT contains("text", CAST($2 AS VARCHAR)) OR "text" IS NULL) AND starts_with("text", CAST($3 AS VARCHAR)) AND ends_with("text", CAST($4 AS VARCHAR)) AND ("text" LIKE CAST($5 AS VARCHAR) ESCAPE '\') AND regexp_matches("text", CAST($6 AS VARCHAR), 'c'))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "Ab"
-- $2 = "Ab"
-- $3 = "Ab"
-- $4 = "Ab"
-- $5 = "Ab"
-- $6 = "Ab"
