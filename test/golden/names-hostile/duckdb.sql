SELECT CAST(g.d0 AS VARCHAR) AS "text""; drop table fixture; --", g.d1 AS "integer's", CAST(g.d2 AS VARCHAR) AS "🦆 date", CAST(g.d3 AS DOUBLE) AS "d0", CAST(g.d4 AS VARCHAR) AS "group by ""x""; --", g.m0 AS "m0'; drop table fixture; --"
FROM (
SELECT d0, d1, d2, d3, d4, sum(x0) AS m0
FROM (SELECT "text""; drop table fixture; --" AS d0, "integer's" AS d1, "🦆 date" AS d2, ("d0" + 0.0) AS d3, (CAST(timezone('UTC', "select") AS DATE) - COALESCE(CAST(((extract(isodow FROM timezone('UTC', "select")) + 6) % 7) AS INTEGER), 0)) AS d4, "a.decimal" AS x0 FROM fixture WHERE ("text""; drop table fixture; --" <> CAST($1 AS VARCHAR) OR "text""; drop table fixture; --" IS NULL)) AS r
GROUP BY d0, d1, d2, d3, d4
) AS g
WHERE g.m0 > CAST($2 AS BIGINT)
ORDER BY g.d3 DESC NULLS LAST, g.d0 ASC NULLS LAST, g.d1 ASC NULLS LAST, g.d2 ASC NULLS LAST, g.d4 ASC NULLS LAST
-- $1 = "\"; drop table fixture; --"
-- $2 = "0"
