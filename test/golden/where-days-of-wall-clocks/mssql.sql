SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE (([timestamp] >= CAST(@p1 AS datetime2(6)) AND [timestamp] < CAST(@p2 AS datetime2(6))) AND (([timestamp] < CAST(@p3 AS datetime2(6)) OR [timestamp] >= CAST(@p4 AS datetime2(6))) OR [timestamp] IS NULL) AND [timestamp] < CAST(@p5 AS datetime2(6)) AND [timestamp] < CAST(@p6 AS datetime2(6)) AND [timestamp] >= CAST(@p7 AS datetime2(6)) AND [timestamp] >= CAST(@p8 AS datetime2(6)) AND [timestamp] < CAST(@p9 AS datetime2(6)) AND [timestamp] >= CAST(@p10 AS datetime2(6)))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2024-10-27T00:00:00"
-- @p2 = "2024-10-28T00:00:00"
-- @p3 = "2024-10-27T00:00:00"
-- @p4 = "2024-10-28T00:00:00"
-- @p5 = "2024-10-27T00:00:00"
-- @p6 = "2024-10-28T00:00:00"
-- @p7 = "2024-10-28T00:00:00"
-- @p8 = "2024-10-27T00:00:00"
-- @p9 = "2024-10-27T00:00:00"
-- @p10 = "2024-10-28T00:00:00"
