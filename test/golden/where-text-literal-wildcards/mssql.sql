SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE (((LOWER(CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p1) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') OR ((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2) LIKE @p2 ESCAPE '|') OR ((LOWER(CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') OR (NOT ((LOWER(CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p4) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') OR [text] IS NULL) OR ((LOWER(CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p5) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') OR ((CONVERT(nvarchar(max), [text]) COLLATE Latin1_General_100_BIN2) LIKE @p6 ESCAPE '|'))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "%100|%|_|[a]||\\%"
-- @p2 = "|%%"
-- @p3 = "%|_"
-- @p4 = "%|[%"
-- @p5 = "a|%b_|||[%"
-- @p6 = "A%"
