SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ([timestamptz] >= CAST(@p1 AS datetimeoffset(6)) AND [timestamptz] < CAST(@p2 AS datetimeoffset(6)))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2023-12-31T18:30:00Z"
-- @p2 = "2023-12-31T18:30:00Z"
