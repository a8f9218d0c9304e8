SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE (CAST("json" AS VARCHAR) = CAST($1 AS VARCHAR) AND contains(lower(CAST("json" AS VARCHAR)), lower(CAST($2 AS VARCHAR))) AND starts_with(lower(CAST("uuid" AS VARCHAR)), lower(CAST($3 AS VARCHAR))))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "{}"
-- $2 = "a"
-- $3 = "AB"
