SELECT DATE_FORMAT(g.d0, '%Y-%m-%d') AS c0, CONVERT(g.d1 USING utf8mb4) AS c1, CONVERT(g.d2 USING utf8mb4) AS c2, g.m0 AS c3, g.m1 AS c4
FROM (
SELECT d0, d1, d2, SUM(x0) AS m0, SUM(x1) AS m1
FROM (SELECT (DATE'0001-01-01' + INTERVAL TIMESTAMPDIFF(MONTH, DATE'0001-01-01', t0.`date`) MONTH) AS d0, CAST(CONVERT(CONCAT(CONCAT((CONVERT(CASE WHEN (t0.`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) ELSE (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) END USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin)), COALESCE((CONVERT(t0.`text` USING utf8mb4) COLLATE utf8mb4_bin), (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin))) USING utf8mb4) AS BINARY) AS d1, CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) AS d2, CASE WHEN (CASE WHEN (t0.`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) ELSE (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) END = ? AND CAST(CONVERT(CASE WHEN (t0.`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) ELSE (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) END USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) THEN t0.`decimal` END AS x0, CASE WHEN (CASE WHEN (t0.`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) ELSE (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) END = ? AND CAST(CONVERT(CASE WHEN (t0.`decimal` > CAST(? AS SIGNED)) THEN (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) ELSE (CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin) END USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)) THEN t0.`decimal` END AS x1 FROM fixture AS t0
LEFT JOIN fixture AS t1 ON t0.`text"; drop table fixture; --` = t1.`text` AND CAST(CONVERT(t0.`text"; drop table fixture; --` USING utf8mb4) AS BINARY) = CAST(CONVERT(t1.`text` USING utf8mb4) AS BINARY) WHERE (((t0.`boolean` <> 0) = (TRUE <> 0) AND t1.`integer` > CAST(? AS SIGNED)) AND (DATE'0001-01-01' + INTERVAL TIMESTAMPDIFF(MONTH, DATE'0001-01-01', t0.`date`) MONTH) >= CAST(? AS DATE))) AS r
GROUP BY d0, d1, d2
) AS g
WHERE g.m0 > CAST(? AS SIGNED)
ORDER BY g.m1 IS NULL, g.m1 DESC, g.d0 IS NULL, g.d0 ASC, g.d1 IS NULL, g.d1 ASC, g.d2 IS NULL, g.d2 ASC
LIMIT 10
-- ? = "100"
-- ? = "big"
-- ? = "small"
-- ? = " "
-- ? = "?"
-- ? = "100"
-- ? = "big"
-- ? = "small"
-- ? = "big"
-- ? = "100"
-- ? = "big"
-- ? = "small"
-- ? = "big"
-- ? = "100"
-- ? = "big"
-- ? = "small"
-- ? = "big"
-- ? = "100"
-- ? = "big"
-- ? = "small"
-- ? = "big"
-- ? = "1"
-- ? = "2024-01-01"
-- ? = "0"
