SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE (([text] = @p1 AND ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (([text] <> @p2 OR ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) <> ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) OR [text] IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "it's \"quoted\"; --"
-- @p2 = "x"
