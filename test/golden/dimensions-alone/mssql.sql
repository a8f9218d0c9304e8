SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(char(10), g.d1, 23) AS c1
FROM (
SELECT d0, d1
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, [date] AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC
