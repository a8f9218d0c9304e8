SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ((CASE WHEN (([text] = @p1 AND ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND [integer] > CAST(@p2 AS bigint)) THEN 1 ELSE 0 END = 0) OR (1 = 1) OR (1 = 0))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "a"
-- @p2 = "1"
