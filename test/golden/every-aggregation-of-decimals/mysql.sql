SELECT g.m0 AS c0, g.m1 AS c1, g.m2 AS c2, g.m3 AS c3, g.m4 AS c4, g.m5 AS c5, g.m6 AS c6
FROM (
SELECT COUNT(x0) AS m0, COUNT(DISTINCT x1) AS m1, SUM(x2) AS m2, ((SUM(x3) + 0E0) / NULLIF(COUNT(x3), 0)) AS m3, MIN(x4) AS m4, MAX(x5) AS m5, AVG((x6 + 0E0)) AS m6
FROM (SELECT x0, x1, x2, x3, x4, x5, CASE WHEN 2 * CAST(ROW_NUMBER() OVER (ORDER BY v.x6 IS NULL, v.x6) AS SIGNED) - COUNT(v.x6) OVER () BETWEEN 0 AND 2 THEN v.x6 END AS x6 FROM (SELECT `decimal` AS x0, `decimal` AS x1, `decimal` AS x2, `decimal` AS x3, `decimal` AS x4, `decimal` AS x5, `decimal` AS x6 FROM fixture) AS v) AS r
) AS g
