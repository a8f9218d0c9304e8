SELECT LEFT(g.d0, LEN(g.d0) - 1) AS [value], g.n AS [count]
FROM (
SELECT d0, COUNT_BIG(*) AS n
FROM (SELECT ((CONVERT(nvarchar(max), (SUBSTRING((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2) COLLATE Latin1_General_100_CI_AS_SC, 1, 1) COLLATE Latin1_General_100_BIN2)) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), LEFT(g.d0, LEN(g.d0) - 1))) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p1) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|')
ORDER BY CASE WHEN g.n IS NULL THEN 1 ELSE 0 END, g.n DESC, CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY
-- @p1 = "%a%"
