SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0) AS c1
FROM (
SELECT d0, COUNT_BIG(*) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), CASE WHEN ([decimal] > CAST(@p1 AS bigint)) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) WHEN ((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2) LIKE @p3 ESCAPE '|') THEN (LOWER((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ELSE COALESCE((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), @p4) COLLATE Latin1_General_100_BIN2)) END) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "100"
-- @p2 = "large"
-- @p3 = "A%"
-- @p4 = "?"
