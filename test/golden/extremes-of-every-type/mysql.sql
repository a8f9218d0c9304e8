SELECT CONVERT(g.m0 USING utf8mb4) AS c0, g.m1 AS c1, DATE_FORMAT(g.m2, '%Y-%m-%d') AS c2, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM TIME_FORMAT(g.m3, '%H:%i:%s.%f'))) AS c3, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM DATE_FORMAT(g.m4, '%Y-%m-%dT%H:%i:%s.%f'))) AS c4, CONCAT(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM DATE_FORMAT(g.m5, '%Y-%m-%dT%H:%i:%s.%f'))), 'Z') AS c5, CONVERT(g.m6 USING utf8mb4) AS c6
FROM (
SELECT MAX(x0) AS m0, MAX(x1) AS m1, MAX(x2) AS m2, MAX(x3) AS m3, MAX(x4) AS m4, MAX(x5) AS m5, MAX(x6) AS m6
FROM (SELECT CAST(CONVERT(`text` USING utf8mb4) AS BINARY) AS x0, (`boolean` <> 0) AS x1, `date` AS x2, `time` AS x3, `timestamp` AS x4, `timestamptz` AS x5, CAST(LOWER(CONVERT(`uuid` USING utf8mb4)) AS BINARY) AS x6 FROM fixture) AS r
) AS g
