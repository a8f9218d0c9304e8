SELECT CAST(g.d0 AS VARCHAR) AS "x""; drop table fixture; --", CAST(g.d1 AS VARCHAR) AS "y'"
FROM (
SELECT d0, d1
FROM (SELECT (CAST("text""; drop table fixture; --" AS VARCHAR) || CAST(CAST($1 AS VARCHAR) AS VARCHAR)) AS d0, replace(CAST("integer's" AS VARCHAR), CAST(CAST($2 AS VARCHAR) AS VARCHAR), CAST(CAST($3 AS VARCHAR) AS VARCHAR)) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST
-- $1 = "'; drop table fixture; --"
-- $2 = "'"
-- $3 = "\\"
