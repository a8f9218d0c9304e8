SELECT CAST(g.d0 AS text) AS c0, CAST(g.d1 AS text) AS c1
FROM (
SELECT d0, d1
FROM (SELECT CAST((CAST("text""; drop table fixture; --" AS text) || CAST(CAST($1 AS text) AS text)) AS text) COLLATE "C" AS d0, CAST(replace(CAST(CAST("integer's" AS text) AS text) COLLATE "default", CAST(CAST($2 AS text) AS text), CAST(CAST($3 AS text) AS text)) AS text) COLLATE "C" AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
-- $1 = "'; drop table fixture; --"
-- $2 = "'"
-- $3 = "\\"
