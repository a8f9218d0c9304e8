SELECT CONVERT(varchar(50), g.m0) AS c0
FROM (
SELECT COUNT_BIG(*) AS m0
FROM (SELECT 1 AS x FROM fixture WHERE (([datetime] >= CAST(@p1 AS datetime) AND [datetime] < CAST(@p2 AS datetime)) AND (([datetime] < CAST(@p3 AS datetime) OR [datetime] >= CAST(@p4 AS datetime)) OR CONVERT(datetime2(3), [datetime]) IS NULL) AND [datetime] < CAST(@p5 AS datetime) AND [datetime] < CAST(@p6 AS datetime) AND [datetime] >= CAST(@p7 AS datetime) AND [datetime] >= CAST(@p8 AS datetime) AND ([datetime] >= CAST(@p9 AS datetime) AND [datetime] < CAST(@p10 AS datetime)) AND ([datetime] >= CAST(@p11 AS datetime) AND [datetime] < CAST(@p12 AS datetime)) AND ([datetime] IN (CAST(@p13 AS datetime)) OR ([datetime] >= CAST(@p14 AS datetime) AND [datetime] < CAST(@p15 AS datetime))) AND (NOT ([datetime] IN (CAST(@p16 AS datetime))) OR CONVERT(datetime2(3), [datetime]) IS NULL) AND [datetime] >= CAST(@p17 AS datetime) AND [datetime] IS NOT NULL AND ([datetime] >= CAST(@p18 AS datetime) AND [datetime] < CAST(@p19 AS datetime)))) AS r
) AS g
-- @p1 = "2024-01-01T00:00:00.003"
-- @p2 = "2024-01-01T00:00:00.007"
-- @p3 = "2024-01-01T00:00:00.003"
-- @p4 = "2024-01-01T00:00:00.007"
-- @p5 = "2024-01-01T00:00:00.003"
-- @p6 = "2024-01-01T00:00:00.007"
-- @p7 = "2024-01-01T00:00:00.007"
-- @p8 = "2024-01-01T00:00:00.003"
-- @p9 = "2024-01-01T00:00:00.003"
-- @p10 = "2024-01-01T00:00:00.003"
-- @p11 = "2024-01-01T00:00:00.000"
-- @p12 = "2024-02-01T00:00:00.000"
-- @p13 = "2024-01-01T00:00:00.997"
-- @p14 = "2024-01-02T00:00:00.000"
-- @p15 = "2024-01-03T00:00:00.000"
-- @p16 = "2024-01-01T00:00:00.007"
-- @p17 = "1753-01-01T00:00:00.000"
-- @p18 = "2024-01-01T00:00:00.000"
-- @p19 = "2024-02-01T00:00:00.000"
