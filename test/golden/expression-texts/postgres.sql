SELECT CAST(g.d0 AS text) AS c0, CAST(g.d1 AS text) AS c1, CAST(g.d2 AS text) AS c2, g.d3 AS c3, CAST(g.d4 AS text) AS c4, g.d5 AS c5
FROM (
SELECT d0, d1, d2, d3, d4, d5
FROM (SELECT CAST(replace(replace(replace(replace(CAST("text" AS text), CAST(CAST($1 AS text) AS text), CAST(CAST($2 AS text) AS text)), CAST(CAST($3 AS text) AS text), CAST(CAST($4 AS text) AS text)), CAST(CAST($5 AS text) AS text), CAST(CAST($6 AS text) AS text)), CAST(CAST($7 AS text) AS text), CAST(CAST($8 AS text) AS text)) AS text) COLLATE "C" AS d0, CAST(split_part(CAST("text" AS text), CAST(CAST($9 AS text) AS text), 2) AS text) COLLATE "C" AS d1, CAST((lpad(right(CAST("text" AS text), CASE WHEN (char_length(CAST("text" AS text)) + -1) > 0 THEN (char_length(CAST("text" AS text)) + -1) ELSE 0 END), 5, CAST(CAST($10 AS text) AS text)) || reverse(CAST("text" AS text))) AS text) COLLATE "C" AS d2, (CAST(CAST(strpos(CAST("text" AS text), CAST(CAST($11 AS text) AS text)) AS numeric) AS numeric) + CAST(CAST(char_length(CAST("text" AS text)) AS numeric) AS numeric)) AS d3, CAST(substr((COALESCE((CAST(CAST($12 AS text) AS text) || CAST("text" AS text)), CAST(CAST($13 AS text) AS text)) || COALESCE((CAST(CAST($12 AS text) AS text) || CAST("integer" AS text)), CAST(CAST($13 AS text) AS text)) || COALESCE((CAST(CAST($12 AS text) AS text) || CAST(replace(CAST("date" AS text), ' BC', ' (BC)') AS text)), CAST(CAST($13 AS text) AS text)) || CAST(CAST($13 AS text) AS text)), (char_length(CAST(CAST($12 AS text) AS text)) + 1)) AS text) COLLATE "C" AS d4, ((CAST(substr(CAST("text" AS text), 1, char_length(CAST(CAST($14 AS text) AS text))) AS text) COLLATE "C" = CAST(CAST(CAST($14 AS text) AS text) AS text) COLLATE "C") OR "boolean") AS d5 FROM fixture) AS r
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
-- $14 = "a"
