SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture WHERE ([text] IS NULL AND ([text] IS NULL OR ([text] = '' AND ((CONVERT(nvarchar(max), [text]) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), '') + NCHAR(1)) COLLATE Latin1_General_100_BIN2))) AND [integer] IS NULL AND [binary] IS NOT NULL)) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
