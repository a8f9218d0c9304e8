SELECT CAST(g.d0 AS VARCHAR) AS "text", g.m0 AS "n"
FROM (
SELECT d0, count(*) AS m0
FROM (SELECT "text" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST($1 AS BIGINT)
ORDER BY g.d0 ASC NULLS LAST
LIMIT 5
-- $1 = "1"

SELECT count(*) AS n
FROM (
SELECT d0, count(*) AS m0
FROM (SELECT "text" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST($1 AS BIGINT)
-- $1 = "1"
