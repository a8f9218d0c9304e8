SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ((CONVERT(nvarchar(max), [json]) = @p1 AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [json])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), [json])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') AND ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), [uuid])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|'))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "{}"
-- @p2 = "%a%"
-- @p3 = "AB%"
