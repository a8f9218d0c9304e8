SELECT CAST(g.d0 AS text) AS c0, g.m0 AS c1
FROM (
SELECT d0, count(*) AS m0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST($1 AS bigint)
ORDER BY g.d0 ASC NULLS LAST
LIMIT 5
-- $1 = "1"

SELECT count(*) AS n
FROM (
SELECT d0, count(*) AS m0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST($1 AS bigint)
-- $1 = "1"
