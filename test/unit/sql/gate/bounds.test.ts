import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../../src/base/errors.ts';
import { type CheckOptions, checkSelect } from '../../../../src/sql/gate/check-select.ts';
import { optionsOf } from '../../../support/hostile/corpus.ts';

function fault(text: string, options: CheckOptions = {}): AppError | null {
  try {
    checkSelect(text, 'duckdb', { ...optionsOf('duckdb'), ...options });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return null;
}

const limitOf = (text: string, options?: CheckOptions) => fault(text, options)?.params?.limit ?? 'none';
const times = (count: number, text: (index: number) => string, separator = ', ') =>
  Array.from({ length: count }, (_, index) => text(index)).join(separator);
const nested = (depth: number, wrap: (inner: string) => string, inner = 'qty') =>
  Array.from({ length: depth }).reduce<string>((text) => wrap(text), inner);
const over = (expression: string) => `select ${expression} from orders`;

describe('a limit names itself', () => {
  test.each<[string, string]>([
    ['SQL_MAX_ARROWS', `select '{}'::json${"->'a'".repeat(40)}`],
    ['SQL_MAX_ARROWS', over(nested(20, (inner) => `list_transform([1], y -> y + ${inner})[1]`))],
    ['SQL_MAX_JOINS', `from orders ${times(300, (i) => `join orders t${i} using (id)`, ' ')}`],
    ['SQL_MAX_JOINS', `from orders ${times(60, (i) => `natural join orders t${i}`, ' ')}`],
    ['SQL_MAX_JOINS', `select 1 from ${times(60, (i) => `orders t${i}`)}`],
    [
      'SQL_MAX_JOINS',
      times(30, () => 'select 1 from orders a join orders b using (id), orders c', ' union '),
    ],
    ['SQL_MAX_QUERIES', times(250, () => 'select 1', ' union all ')],
    ['SQL_MAX_QUERIES', `with ${times(150, (i) => `c${i} as (select 1)`)} select 1`],
    ['SQL_MAX_GROUPING_SETS', `select 1 from orders group by cube (${times(20, (i) => `id + ${i}`)})`],
    [
      'SQL_MAX_GROUPING_SETS',
      `from orders select 1 group by rollup(a,b,c,d,e,f,g), rollup(a,b,c,d,e,f,g), rollup(a,b,c,d)`,
    ],
    ['SQL_MAX_GROUPING_SETS', `select 1 from orders group by grouping sets (${times(300, () => '(id)')})`],
    [
      'SQL_MAX_GROUPING_SETS',
      `select 1 from orders group by grouping sets (cube (${times(12, (i) => `id + ${i}`)}), (id))`,
    ],
    ['SQL_MAX_LIST_ITEMS', over(`id in (${times(4500, String)})`)],
    ['SQL_MAX_LIST_ITEMS', `select [${times(4500, String)}]`],
    ['SQL_MAX_SERIES_LENGTH', 'select range(1000000000)'],
    ['SQL_MAX_SERIES_LENGTH', 'select * from generate_series(1, 100000000)'],
    [
      'SQL_MAX_SERIES_LENGTH',
      `select length(generate_series(timestamp '0001-01-01', timestamp '9999-12-31', interval 1 microsecond))`,
    ],
    [
      'SQL_MAX_SERIES_LENGTH',
      `from orders, generate_series('0001-01-01'::date, '9999-12-31'::date, interval '1' second) s(d)`,
    ],
    ['SQL_MAX_SERIES_LENGTH', over('generate_series(1, qty)')],
    ['SQL_MAX_SERIES_LENGTH', 'select range((select max(id) from orders))'],
    ['SQL_MAX_SERIES_LENGTH', 'select unnest(range(:n))'],
    ['SQL_MAX_PATTERN_BYTES', over(`regexp_matches(note, '${'('.repeat(1100)}a${')'.repeat(1100)}')`)],
    ['SQL_MAX_PATTERN_BYTES', over(`note ~ '${'a|'.repeat(600)}'`)],
    ['SQL_MAX_PATTERN_BYTES', over(`note ~ '${'a{1,1000}'.repeat(30)}'`)],
    ['SQL_MAX_PATTERN_BYTES', over(`regexp_matches(note, '(${'ab?'.repeat(100)}){100}')`)],
    ['SQL_MAX_PATTERN_BYTES', over('note ~ region')],
    ['SQL_MAX_PATTERN_BYTES', over('note similar to region')],
    ['SQL_MAX_PATTERN_BYTES', over("regexp_replace(note, region, 'x')")],
    ['SQL_MAX_PATTERN_BYTES', over("string_split_regex(note, repeat('a', 10))")],
    ['SQL_MAX_EXPANSION', over(nested(9, (inner) => `(${inner} between 1 and 2)::int`))],
    ['SQL_MAX_EXPANSION', over(nested(12, (inner) => `nullif(${inner}, 1)`))],
    ['SQL_MAX_EXPANSION', over(nested(20, (inner) => `case ${inner} when 1 then 2 when 2 then 3 end`))],
    ['SQL_MAX_EXPANSION', over(nested(12, (inner) => `array_to_string([${inner}], ',')`))],
    ['SQL_MAX_EXPANSION', `select 1 + 1 as a0, ${times(26, (i) => `a${i} + a${i} as a${i + 1}`)}`],
    ['SQL_MAX_EXPANSION', `select '{}'::json->'a' as a0, ${times(20, (i) => `a${i}->'b' as a${i + 1}`)}`],
    ['SQL_MAX_EXPANSION', `select 1 from ${nested(12, (inner) => `(select *, * from ${inner})`, 'orders')}`],
    [
      'SQL_MAX_EXPANSION',
      `with c0 as (from orders), ${times(12, (i) => `c${i + 1} as (select *, * from c${i})`)} from c12`,
    ],
    ['EXPRESSION_MAX_VALUE_BYTES', "select repeat('a', 300000000)"],
    ['EXPRESSION_MAX_VALUE_BYTES', over('repeat(region, qty)')],
    ['EXPRESSION_MAX_VALUE_BYTES', over("rpad(region, 100000000, 'a')")],
    ['EXPRESSION_MAX_VALUE_BYTES', over('lpad(region, qty)')],
    [
      'EXPRESSION_MAX_VALUE_BYTES',
      over(nested(2, (inner) => `replace(${inner}, 'a', '${'a'.repeat(24)}')`, 'note')),
    ],
    ['EXPRESSION_MAX_VALUE_BYTES', over('replace(note, region, note)')],
    ['EXPRESSION_MAX_VALUE_BYTES', over("regexp_replace(note, '', note, 'g')")],
    ['EXPRESSION_MAX_VALUE_BYTES', over("format('{:1000000000}', region)")],
    ['EXPRESSION_MAX_VALUE_BYTES', over("printf('%1000000000d', qty)")],
    ['EXPRESSION_MAX_VALUE_BYTES', over("printf('%*d', qty, qty)")],
    ['EXPRESSION_MAX_VALUE_BYTES', over("printf('%.*f', qty, amount)")],
    ['EXPRESSION_MAX_VALUE_BYTES', over('format(note, 1)')],
    ['EXPRESSION_MAX_VALUE_BYTES', over('bar(qty, 0, 10, 1000000000)')],
    ['EXPRESSION_MAX_VALUE_BYTES', over('levenshtein(note, note)')],
    ['EXPRESSION_MAX_VALUE_BYTES', over('jaro_winkler_similarity(note, note)')],
    [
      'EXPRESSION_MAX_VALUE_BYTES',
      over("note || repeat('a', 100000) || repeat('b', 100000) || repeat('c', 100000)"),
    ],
    ['EXPRESSION_MAX_VALUE_BYTES', "select list_transform(range(100000), x -> repeat('a', 1000))"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select [repeat('a', 1000) for x in range(100000)]"],
    ['EXPRESSION_MAX_VALUE_BYTES', 'select [range(10000) for x in range(10000)]'],
    ['EXPRESSION_MAX_VALUE_BYTES', "select x || x from (select repeat('a', 200000)) t(x)"],
    ['EXPRESSION_MAX_VALUE_BYTES', "with t(x) as (select repeat('a', 200000)) select x || x from t"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select x || x from (values (repeat('a', 200000))) t(x)"],
    ['EXPRESSION_MAX_VALUE_BYTES', `select "y" || "y" from (select repeat('a', 200000) as y)`],
    ['EXPRESSION_MAX_VALUE_BYTES', `select repeat('a', 200000) as y, y || y as z`],
    [
      'EXPRESSION_MAX_VALUE_BYTES',
      "with recursive r as (select 'a' as x, 1 as n union all select x || x, n + 1 from r where n < 40) from r",
    ],
    [
      'EXPRESSION_MAX_VALUE_BYTES',
      "with recursive r(x, n) as (select 'a', 1 union all select replace(x, 'a', 'aa'), n + 1 from r where n < 40) from r",
    ],
    ['EXPRESSION_MAX_VALUE_BYTES', "select 1 from orders where repeat('a', 300000000) = note"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select 1 from orders order by repeat('a', 300000000)"],
    [
      'EXPRESSION_MAX_VALUE_BYTES',
      "select 1 from orders group by lpad(note, 300000000) having max(rpad(note, 300000000)) = 'a'",
    ],
    ['EXPRESSION_MAX_VALUE_BYTES', "pivot orders on repeat('a', 300000000)"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select 1 from orders join customers on repeat('a', 300000000) = name"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select sum(qty) over (order by repeat('a', 300000000)) from orders"],
    ['EXPRESSION_MAX_VALUE_BYTES', "select count(*) filter (where repeat('a', 300000000) = '') from orders"],
  ])('%s: %s', (limit, text) => {
    const error = fault(text);
    expect({ code: error?.code, limit: error?.params?.limit }).toEqual({ code: 'query.refused', limit });
    expect(error!.pointer).toBe('/sql');
  });

  test('says how much is allowed, and a setting changes it', () => {
    const text = `from orders ${times(4, (i) => `join orders t${i} using (id)`, ' ')}`;
    expect(fault(text)).toBeNull();
    const error = fault(text, { limits: { joins: 3 } });
    expect(error!.message).toBe('The statement has more than 3 joins');
    expect(error!.params).toEqual({ reason: 'limit', limit: 'SQL_MAX_JOINS', most: 3 });
  });

  test('says what to write instead of a size that data decides', () => {
    expect(fault(over('repeat(region, qty)'))!.message).toContain('least(count, 100)');
    expect(fault(over('generate_series(1, qty)'))!.message).toContain('FROM generate_series(…)');
  });
});

test.each([
  over("replace(region, ' ', '_'), replace(note, ',', '; ')"),
  over(
    "lpad(region, 8, '0'), rpad(region, 20), repeat('█', least(qty, 50)), repeat('-', 40), bar(qty, 0, 10)",
  ),
  over(
    "concat(region, ' ', channel, ' ', status, note), region || '-' || channel, concat_ws(', ', region, channel)",
  ),
  over(
    "format('{} {:>8}', region, qty), printf('%5d|%.2f', qty, amount), regexp_replace(note, '\\s+', ' ', 'g')",
  ),
  over(
    "string_agg(note, ', '), replace(string_agg(note, ','), ',', '; '), array_to_string(list(region), ', ')",
  ),
  over("data->'a'->'b'->>'c', data->>'$.a.b', json_extract_string(data, '$.a')"),
  over(times(40, () => "data->'a'->>'b'")),
  over(
    "list_transform(string_split(note, ','), x -> trim(x) || '!'), [upper(x) for x in string_split(note, ' ')]",
  ),
  over("unnest(generate_series(date '2015-01-01', date '2024-12-31', interval 1 day))"),
  'select d from generate_series((select min(ordered_at) from orders), (select max(ordered_at) from orders), interval 1 day) s(d)',
  'from range(1000000)',
  "with recursive r as (select 1 as id, 'a' as path union all select id + 1, path || '/' || name from r join customers using (id)) from r",
  over(`case status ${times(30, (i) => `when 's${i}' then ${i}`, ' ')} end`),
  over('qty between 1 and 2 and amount between 0 and 5 and nullif(nullif(qty, 1), 2) is null'),
  over('qty + 1 as a, a * 2 as b, b * b as c'),
  `select ${times(60, (i) => `sum(qty + ${i}) as s${i}`)} from orders group by cube (region, channel, status)`,
  over(`id in (${times(3000, String)})`),
  'with a as (from orders), b as (select * from a), c as (select *, 1 as x from b) select * from c join b using (id)',
  "select regexp_matches(note, :p), note ~ '^[a-z]+$', note similar to 'a%', levenshtein(region, 'EU') from orders",
  over(String.raw`note ~ '^(\d{1,3}\.){3}\d{1,3}$', regexp_extract(note, '[A-Z]{2}[0-9]{2,30}')`),
  'pivot orders on region using sum(amount) group by channel',
  "pivot (select region, amount from orders where id > :lo) on region in ('EU', 'US') using sum(amount)",
  'unpivot orders on amount, qty into name kind value number',
  "from orders pivot (sum(amount) for region in ('EU', 'US') group by channel)",
  'with p as (pivot orders on region using sum(amount)) select * from p join customers on true',
])('passes: %s', (text) => {
  expect(fault(text)).toBeNull();
});

test('a pivot whose columns come from the data takes no parameters, in words', () => {
  const error = fault('pivot (from orders where id > :lo) on region');
  expect(error!.params).toMatchObject({ reason: 'syntax', what: 'PIVOT with parameters and without IN (…)' });
});

test('checking what would take DuckDB for ever takes no time', () => {
  const started = performance.now();
  for (const text of [
    over(nested(28, (inner) => `case ${inner} when 1 then 2 when 2 then 3 end`)),
    over(nested(15, (inner) => `(${inner} between 1 and 2)::int`)),
    `select 1 from ${nested(20, (inner) => `(select *, * from ${inner})`, 'orders')}`,
    `with ${times(90, (i) => `c${i} as (select *, * from ${i === 0 ? 'orders' : `c${i - 1}`})`)} from c89`,
    `select '{}'::json${"->'a'".repeat(4000)}`,
  ])
    expect(limitOf(text)).not.toBe('none');
  expect(performance.now() - started).toBeLessThan(2000);
});
