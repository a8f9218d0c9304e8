SELECT CONVERT(varchar(50), g.m0) AS c0
FROM (
SELECT COUNT_BIG(*) AS m0
FROM (SELECT 1 AS x FROM fixture WHERE (([char(5)] = @p1 AND ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND (([nchar(5)] <> @p2 OR ((CONVERT(nvarchar(max), RTRIM([nchar(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) <> ((CONVERT(nvarchar(max), @p2) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) OR RTRIM([nchar(5)]) IS NULL) AND (([char(5)] IN (@p3, @p4) AND ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) IN (((CONVERT(nvarchar(max), @p3) + NCHAR(1)) COLLATE Latin1_General_100_BIN2), ((CONVERT(nvarchar(max), @p4) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)))) AND ((CONVERT(nvarchar(max), RTRIM([char(5)])) COLLATE Latin1_General_100_BIN2) LIKE @p5 ESCAPE '|') AND ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) < ((CONVERT(nvarchar(max), @p6) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND (RTRIM([char(5)]) IS NULL OR ([char(5)] = '' AND ((CONVERT(nvarchar(max), RTRIM([char(5)])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), '') + NCHAR(1)) COLLATE Latin1_General_100_BIN2))))) AS r
) AS g
-- @p1 = "ab"
-- @p2 = "ab"
-- @p3 = "a"
-- @p4 = "b"
-- @p5 = "a%"
-- @p6 = "b"
