SELECT g.d0 AS `value`, g.n AS `count`
FROM (
SELECT d0, COUNT(*) AS n
FROM (SELECT `integer` AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY g.n IS NULL, g.n DESC, g.d0 IS NULL, g.d0 ASC
LIMIT 20 OFFSET 40
