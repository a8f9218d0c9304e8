SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ([timestamp] >= CAST(@p1 AS datetime2(6)) AND [timestamp] < CAST(@p2 AS datetime2(6)))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2024-03-15T08:00:00"
-- @p2 = "2024-03-15T09:30:00"
