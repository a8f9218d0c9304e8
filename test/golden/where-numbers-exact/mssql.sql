SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ([integer] = CAST(@p1 AS bigint) AND [integer] > CAST(@p2 AS decimal(2, 1)) AND ([decimal] >= CAST(@p3 AS decimal(1, 1)) AND [decimal] <= CAST(@p4 AS bigint)) AND [float] < CAST(@p5 AS float) AND [integer] < CAST(@p6 AS decimal(30, 0)))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "9007199254740993"
-- @p2 = "1.5"
-- @p3 = "-0.1"
-- @p4 = "1000"
-- @p5 = "0.1"
-- @p6 = "123456789012345678901234567890"
