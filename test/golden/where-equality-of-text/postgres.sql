SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ((CAST("text" AS text) = CAST(CAST($1 AS text) AS text) AND CAST("text" AS text) COLLATE "C" = CAST(CAST($1 AS text) AS text) COLLATE "C") AND ((CAST("text" AS text) <> CAST(CAST($2 AS text) AS text) OR CAST("text" AS text) COLLATE "C" <> CAST(CAST($2 AS text) AS text) COLLATE "C") OR "text" IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "it's \"quoted\"; --"
-- $2 = "x"
