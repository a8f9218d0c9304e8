SELECT CAST(g.d0 AS VARCHAR) AS "turned", CAST(g.d1 AS VARCHAR) AS "piece", CAST(g.d2 AS VARCHAR) AS "padded", g.d3 AS "place", CAST(g.d4 AS VARCHAR) AS "together", g.d5 AS "starts"
FROM (
SELECT d0, d1, d2, d3, d4, d5
FROM (SELECT replace(replace(replace(replace(CAST("text" AS VARCHAR), CAST(CAST($1 AS VARCHAR) AS VARCHAR), CAST(CAST($2 AS VARCHAR) AS VARCHAR)), CAST(CAST($3 AS VARCHAR) AS VARCHAR), CAST(CAST($4 AS VARCHAR) AS VARCHAR)), CAST(CAST($5 AS VARCHAR) AS VARCHAR), CAST(CAST($6 AS VARCHAR) AS VARCHAR)), CAST(CAST($7 AS VARCHAR) AS VARCHAR), CAST(CAST($8 AS VARCHAR) AS VARCHAR)) AS d0, split_part(CAST("text" AS VARCHAR), CAST(CAST($9 AS VARCHAR) AS VARCHAR), 2) AS d1, (lpad(right(CAST("text" AS VARCHAR), CASE WHEN (length(CAST("text" AS VARCHAR)) + -1) > 0 THEN (length(CAST("text" AS VARCHAR)) + -1) ELSE 0 END), 5, CAST(CAST($10 AS VARCHAR) AS VARCHAR)) || array_to_string(list_reverse(list_transform(range(1, length(CAST("text" AS VARCHAR)) + 1), i -> substring(CAST("text" AS VARCHAR), i, 1))), '')) AS d2, (CAST(strpos(CAST("text" AS VARCHAR), CAST(CAST($11 AS VARCHAR) AS VARCHAR)) AS HUGEINT) + CAST(length(CAST("text" AS VARCHAR)) AS HUGEINT)) AS d3, substring((COALESCE((CAST(CAST($12 AS VARCHAR) AS VARCHAR) || CAST("text" AS VARCHAR)), CAST(CAST($13 AS VARCHAR) AS VARCHAR)) || COALESCE((CAST(CAST($14 AS VARCHAR) AS VARCHAR) || CAST("integer" AS VARCHAR)), CAST(CAST($15 AS VARCHAR) AS VARCHAR)) || COALESCE((CAST(CAST($16 AS VARCHAR) AS VARCHAR) || CAST(CAST("date" AS VARCHAR) AS VARCHAR)), CAST(CAST($17 AS VARCHAR) AS VARCHAR)) || CAST(CAST($18 AS VARCHAR) AS VARCHAR)), (length(CAST(CAST($19 AS VARCHAR) AS VARCHAR)) + 1)) AS d4, ((substring(CAST("text" AS VARCHAR), 1, length(CAST(CAST($20 AS VARCHAR) AS VARCHAR))) = CAST(CAST($21 AS VARCHAR) AS VARCHAR)) OR "boolean") AS d5 FROM fixture) AS r
GROUP BY d0, d1, d2, d3, d4, d5
) AS g
ORDER BY g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d3 ASC NULLS LAST, g.d4 ASC NULLS LAST, g.d5 ASC NULLS LAST
-- $1 = "a"
-- $2 = "﷐0﷐"
-- $3 = "c"
-- $4 = "a"
-- $5 = "b"
-- $6 = "c"
-- $7 = "﷐0﷐"
-- $8 = "b"
-- $9 = "-"
-- $10 = "0"
-- $11 = "x"
-- $12 = ", "
-- $13 = ""
-- $14 = ", "
-- $15 = ""
-- $16 = ", "
-- $17 = ""
-- $18 = ""
-- $19 = ", "
-- $20 = "a"
-- $21 = "a"
