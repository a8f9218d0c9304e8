import { TOO_LONG } from '../../../domain/long-text.ts';
import { join, raw, type Sql, sql } from '../../ast.ts';
import type { Texts } from './expression-dialect.ts';

const number = (value: number) => raw(String(value));
/** Exact, but counts UTF-16 units. */
const BINARY = raw('COLLATE Latin1_General_100_BIN2');
/** Counts code points. */
const COUNTING = raw('COLLATE Latin1_General_100_CI_AS_SC');
/** Knows the letters of Unicode's first plane. */
const FOLDING = raw('COLLATE Latin1_General_100_CI_AS');

const text = (value: Sql) => sql`(CONVERT(nvarchar(max), ${value}) ${BINARY})`;
const counting = (call: string, value: Sql, ...args: readonly Sql[]) =>
  sql`(${raw(call)}(${join([sql`${value} ${COUNTING}`, ...args], ', ')}) ${BINARY})`;
/** LEN leaves spaces at the end out. */
const length = (value: Sql) => sql`(LEN((${value} + N'.') ${COUNTING}) - 1)`;
const unitsOf = (value: Sql) => sql`(DATALENGTH(${value}) / 2)`;

function position(value: Sql, needle: Sql): Sql {
  const found = sql`CHARINDEX(${needle}, ${value})`;
  return sql`CASE WHEN DATALENGTH(${needle}) = 0 THEN LEN(LEFT(${value}, 0) + N'.') WHEN ${found} = 0 THEN 0 ELSE ${length(sql`LEFT(${value}, ${found} - 1)`)} + 1 END`;
}

function pad(value: Sql, side: 'left' | 'right', count: number, fill: Sql): Sql {
  const whole = number(count);
  const filler = counting('LEFT', sql`REPLICATE(${fill}, ${whole})`, sql`${whole} - ${length(value)}`);
  const filled = side === 'left' ? sql`${filler} + ${value}` : sql`${value} + ${filler}`;
  return sql`CASE WHEN ${length(value)} >= ${whole} THEN ${counting('LEFT', value, whole)} ELSE ${filled} END`;
}

/** What stands before is cut off step by step, each a column of its own, so that the text is written once. */
function piece(value: Sql, separator: Sql, n: number): Sql {
  const cuts = Array.from({ length: n - 1 }, (_, step) => {
    const rest = raw(`s${step}.r`);
    const end = sql`CHARINDEX(${separator}, ${rest})`;
    return sql` CROSS APPLY (SELECT CASE WHEN ${end} = 0 THEN N'' ELSE STUFF(${rest}, 1, ${end} + ${unitsOf(separator)} - 1, N'') END) AS ${raw(`s${step + 1}(r)`)}`;
  });
  const rest = raw(`s${n - 1}.r`);
  const end = sql`CHARINDEX(${separator}, ${rest})`;
  return sql`(SELECT CASE WHEN ${end} = 0 THEN N'' ELSE LEFT(${rest}, ${end} - 1) END FROM (SELECT ${value} + ${separator}) AS s0(r)${join(cuts, '')})`;
}

export const texts: Texts = {
  text,
  // A conversion that fails; with the text in it, so that it is not evaluated as a constant.
  atMost: (value, count) =>
    sql`CASE WHEN ${length(value)} > ${number(count)} THEN ${text(sql`CONVERT(int, ${raw(`N'${TOO_LONG}'`)} + LEFT(${value}, 0))`)} ELSE ${value} END`,
  join: (values) => sql`(${join(values, ' + ')})`,
  lower: (value) => sql`(LOWER(${value} ${FOLDING}) ${BINARY})`,
  upper: (value) => sql`(UPPER(${value} ${FOLDING}) ${BINARY})`,
  trim: (value, side) => {
    const left = side === 'right' ? value : sql`LTRIM(${value})`;
    return side === 'left' ? left : sql`RTRIM(${left})`;
  },
  length,
  slice: (value, start, count) => counting('SUBSTRING', value, start, count ?? raw('1073741823')),
  last: (value, count) => counting('RIGHT', value, count),
  replace: (value, from, to) => sql`REPLACE(${value}, ${from}, ${to})`,
  position,
  reverse: (value) => counting('REVERSE', value),
  pad,
  piece,
};
