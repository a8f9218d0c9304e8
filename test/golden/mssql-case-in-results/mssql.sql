SELECT CONVERT(varchar(50), g.d0) AS c0
FROM (
SELECT d0
FROM (SELECT CASE WHEN (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p3) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p4) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p5) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)))))) THEN CAST(@p6 AS bigint) WHEN (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p3) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p4) + NCHAR(1)) COLLATE Latin1_General_100_BIN2))))) THEN (- CAST(@p7 AS bigint)) WHEN (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p3) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)))) THEN (- CAST(@p8 AS bigint)) WHEN (( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2))) THEN (- CAST(@p9 AS bigint)) WHEN ( ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) THEN (- CAST(@p10 AS bigint)) ELSE (- CAST(@p11 AS bigint)) END AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "a5"
-- @p2 = "a4"
-- @p3 = "a3"
-- @p4 = "a2"
-- @p5 = "a1"
-- @p6 = "1"
-- @p7 = "1"
-- @p8 = "2"
-- @p9 = "3"
-- @p10 = "4"
-- @p11 = "5"
