SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE (([timestamptz] >= CAST(@p1 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p2 AS datetimeoffset(6))) AND ([timestamptz] < CAST(@p3 AS datetimeoffset(6))) AND ([timestamptz] >= CAST(@p4 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p5 AS datetimeoffset(6))) AND ([timestamptz] >= CAST(@p6 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p7 AS datetimeoffset(6))) AND ([timestamptz] >= CAST(@p8 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p9 AS datetimeoffset(6))) AND ([timestamptz] >= CAST(@p10 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p11 AS datetimeoffset(6))))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2023-12-31T18:30:00Z"
-- @p2 = "2024-01-31T18:30:00Z"
-- @p3 = "2024-02-01T04:30:00Z"
-- @p4 = "2024-03-08T18:30:00Z"
-- @p5 = "2024-03-15T18:30:00Z"
-- @p6 = "2024-03-15T08:30:00Z"
-- @p7 = "2024-03-15T11:30:00Z"
-- @p8 = "2023-09-30T18:30:00Z"
-- @p9 = "2023-12-15T18:30:00Z"
-- @p10 = "2023-12-31T18:30:00Z"
-- @p11 = "2024-03-15T18:30:00Z"
