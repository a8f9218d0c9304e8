SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0, CONVERT(varchar(50), g.m0) AS c1
FROM (
SELECT d0, COUNT_BIG(*) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST(@p1 AS bigint)
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY
-- @p1 = "1"

SELECT COUNT_BIG(*) AS n
FROM (
SELECT d0, COUNT_BIG(*) AS m0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
WHERE g.m0 > CAST(@p1 AS bigint)
-- @p1 = "1"
