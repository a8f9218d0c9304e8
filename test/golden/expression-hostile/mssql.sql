SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, LEFT(g.d1, LEN(g.d1) - 1) AS c1
FROM (
SELECT d0, d1
FROM (SELECT ((CONVERT(nvarchar(max), ((CONVERT(nvarchar(max), [text"; drop table fixture; --]) COLLATE Latin1_General_100_BIN2) + (CONVERT(nvarchar(max), @p1) COLLATE Latin1_General_100_BIN2))) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0, ((CONVERT(nvarchar(max), REPLACE((CONVERT(nvarchar(max), [integer's]) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2), (CONVERT(nvarchar(max), @p3) COLLATE Latin1_General_100_BIN2))) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d1 FROM fixture) AS r
GROUP BY d0, d1
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC, CASE WHEN g.d1 IS NULL THEN 1 ELSE 0 END, g.d1 ASC
-- @p1 = "'; drop table fixture; --"
-- @p2 = "'"
-- @p3 = "\\"
