SELECT CAST(g.d0 AS text) AS c0
FROM (
SELECT d0
FROM (SELECT CAST("text" AS text) COLLATE "C" AS d0 FROM fixture WHERE (((((CAST("text" AS text) = CAST(CAST($1 AS text) AS text) AND CAST("text" AS text) COLLATE "C" = CAST(CAST($1 AS text) AS text) COLLATE "C") AND "integer" > CAST($2 AS bigint))) IS NOT TRUE) OR TRUE OR FALSE)) AS r
GROUP BY d0
) AS g
ORDER BY g.d0 ASC NULLS LAST
-- $1 = "a"
-- $2 = "1"
