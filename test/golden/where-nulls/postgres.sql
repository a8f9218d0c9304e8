SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE ("text" IS NULL AND ("text" IS NULL OR (CAST("text" AS text) = CAST('' AS text) AND CAST("text" AS text) COLLATE "C" = CAST('' AS text) COLLATE "C")) AND "integer" IS NULL AND "binary" IS NOT NULL)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
