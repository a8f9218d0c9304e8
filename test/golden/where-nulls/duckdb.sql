SELECT CAST(g.d0 AS VARCHAR) AS "text"
FROM (
SELECT d0
FROM (SELECT "text" AS d0 FROM fixture WHERE ("text" IS NULL AND ("text" IS NULL OR "text" = '') AND "integer" IS NULL AND "binary" IS NOT NULL)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
