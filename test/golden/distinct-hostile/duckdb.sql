SELECT CAST(g.d0 AS VARCHAR) AS "value", g.n AS "count"
FROM (
SELECT d0, count(*) AS n
FROM (SELECT "text""; drop table fixture; --" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE contains(lower(CAST(CAST(g.d0 AS VARCHAR) AS VARCHAR)), lower(CAST($1 AS VARCHAR)))
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "\"; --"
