SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ((CAST("text" AS text) COLLATE "C" LIKE CAST($1 AS text)) AND (NOT (CAST("text" AS text) COLLATE "C" LIKE CAST($2 AS text)) OR "text" IS NULL) AND (CAST("text" AS text) COLLATE "C" LIKE CAST($3 AS text)) AND (CAST("text" AS text) COLLATE "C" LIKE CAST($4 AS text)) AND (CAST("text" AS text) COLLATE "C" LIKE CAST($5 AS text)) AND (CAST("text" AS text) COLLATE "default" ~ CAST($6 AS text)))) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "%Ab%"
-- $2 = "%Ab%"
-- $3 = "Ab%"
-- $4 = "%Ab"
-- $5 = "Ab"
-- $6 = "(?p)Ab"
