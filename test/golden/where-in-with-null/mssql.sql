SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ((([text] IN (@p1) AND ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) IN (((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2))) OR [text] IS NULL) AND (NOT ([integer] IN (CAST(@p2 AS bigint))) AND [integer] IS NOT NULL) AND (1 = 0) AND (NOT ([integer] IN (CAST(@p3 AS bigint), CAST(@p4 AS bigint))) OR [integer] IS NULL))) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "a"
-- @p2 = "1"
-- @p3 = "1"
-- @p4 = "2"
