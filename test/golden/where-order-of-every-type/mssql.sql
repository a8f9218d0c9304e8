SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE (((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) < ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND ([boolean] <> CAST(0 AS bit) OR [boolean] IS NULL) AND [time] >= CAST(@p2 AS time(6)) AND LOWER(CONVERT(char(36), [uuid])) > LOWER(CONVERT(char(36), CAST(@p3 AS uniqueidentifier))))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "m"
-- @p2 = "08:30"
-- @p3 = "00000000-0000-0000-0000-000000000000"
