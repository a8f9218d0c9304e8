SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE ("text" = CAST($1 AS VARCHAR) AND ("text" <> CAST($2 AS VARCHAR) OR "text" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "it's \"quoted\"; --"
-- $2 = "x"
