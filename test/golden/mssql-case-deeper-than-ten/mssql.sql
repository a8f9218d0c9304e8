SELECT LEFT(g.d0, LEN(g.d0) - 1) AS c0
FROM (
SELECT d0
FROM (SELECT ((CONVERT(nvarchar(max), CASE WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p1 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p2) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p3 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p4) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p5 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p6) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p7 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p8) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p9 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p10) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p11 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p12) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p13 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p14) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p15 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p16) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p17 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p18) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p19 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p20) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p21 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p22) COLLATE Latin1_General_100_BIN2) WHEN (CONVERT(datetime2(6), CONVERT(datetime2(3), [datetime])) < CONVERT(datetime2(6), CAST(@p23 AS datetime2(6)))) THEN (CONVERT(nvarchar(max), @p24) COLLATE Latin1_General_100_BIN2) ELSE (CONVERT(nvarchar(max), @p25) COLLATE Latin1_General_100_BIN2) END) + NCHAR(1)) COLLATE Latin1_General_100_BIN2) AS d0 FROM fixture) AS r
GROUP BY d0
) AS g
ORDER BY CASE WHEN g.d0 IS NULL THEN 1 ELSE 0 END, g.d0 ASC
-- @p1 = "2024-01-12T00:00:00"
-- @p2 = "a12"
-- @p3 = "2024-01-11T00:00:00"
-- @p4 = "a11"
-- @p5 = "2024-01-10T00:00:00"
-- @p6 = "a10"
-- @p7 = "2024-01-09T00:00:00"
-- @p8 = "a9"
-- @p9 = "2024-01-08T00:00:00"
-- @p10 = "a8"
-- @p11 = "2024-01-07T00:00:00"
-- @p12 = "a7"
-- @p13 = "2024-01-06T00:00:00"
-- @p14 = "a6"
-- @p15 = "2024-01-05T00:00:00"
-- @p16 = "a5"
-- @p17 = "2024-01-04T00:00:00"
-- @p18 = "a4"
-- @p19 = "2024-01-03T00:00:00"
-- @p20 = "a3"
-- @p21 = "2024-01-02T00:00:00"
-- @p22 = "a2"
-- @p23 = "2024-01-01T00:00:00"
-- @p24 = "a1"
-- @p25 = "z"
