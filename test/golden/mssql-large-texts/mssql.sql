SELECT CONVERT(varchar(50), g.m0) AS c0
FROM (
SELECT COUNT_BIG(*) AS m0
FROM (SELECT 1 AS x FROM fixture WHERE ((CONVERT(varchar(max), [text]) = @p1 AND ((CONVERT(nvarchar(max), CONVERT(varchar(max), [text])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p1) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ((LOWER(CONVERT(nvarchar(max), CONVERT(varchar(max), [text])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') AND ((CONVERT(nvarchar(max), CONVERT(varchar(max), [text])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) > ((CONVERT(nvarchar(max), @p3) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND (CONVERT(nvarchar(max), [ntext]) = @p4 AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [ntext])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p4) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), [ntext])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p5) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [ntext])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) > ((CONVERT(nvarchar(max), @p6) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND (CONVERT(nvarchar(max), [xml]) = @p7 AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [xml])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p7) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), [xml])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p8) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [xml])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) > ((CONVERT(nvarchar(max), @p9) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND (CONVERT(nvarchar(max), [sql_variant]) = @p10 AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [sql_variant])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) = ((CONVERT(nvarchar(max), @p10) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)) AND ((LOWER(CONVERT(nvarchar(max), CONVERT(nvarchar(max), [sql_variant])) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) LIKE (LOWER(CONVERT(nvarchar(max), @p11) COLLATE Latin1_General_100_CI_AS) COLLATE Latin1_General_100_BIN2) ESCAPE '|') AND ((CONVERT(nvarchar(max), CONVERT(nvarchar(max), [sql_variant])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) > ((CONVERT(nvarchar(max), @p12) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AND ((CONVERT(varchar(max), [text]) IN (@p13, @p14) AND ((CONVERT(nvarchar(max), CONVERT(varchar(max), [text])) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) IN (((CONVERT(nvarchar(max), @p13) + NCHAR(1)) COLLATE Latin1_General_100_BIN2), ((CONVERT(nvarchar(max), @p14) + NCHAR(1)) COLLATE Latin1_General_100_BIN2)))) AND CONVERT(varbinary(max), [image]) IS NOT NULL AND CONVERT(varbinary(max), [geography]) IS NULL)) AS r
) AS g
-- @p1 = "a"
-- @p2 = "%a%"
-- @p3 = "a"
-- @p4 = "a"
-- @p5 = "%a%"
-- @p6 = "a"
-- @p7 = "a"
-- @p8 = "%a%"
-- @p9 = "a"
-- @p10 = "a"
-- @p11 = "%a%"
-- @p12 = "a"
-- @p13 = "a"
-- @p14 = "b"
