import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { Dimension, DistinctSpec, Measure, QuerySpec } from '../../src/domain/query-spec.ts';

const from = { dataset: 'corpus' };
const zones = ['UTC', 'Europe/Rome', 'America/St_Johns'] as const;

/** Expressions over the corpus, whose rows hold what engines like to disagree about. */
const VALUES = {
  texts: [
    "coalesce(city, '?')",
    "case when word = 'a' then 'small' when word > 'Z' then 'behind' else word end",
    "word || '|' || coalesce(city, '')",
    'trim(word)',
    'left(word, 2)',
    'right(word, 2)',
    'substring(word, 2, 1)',
    'reverse(word)',
    "replace(word, 'a', '[A]')",
    "translate(word, 'aAbB ', 'AaBb_')",
    "concat_ws('/', city, word, size)",
    "split_part(word, '%', 1)",
    "lpad(word, 3, '·')",
    "nullif(word, 'a ')",
    'greatest(word, city)',
    'least(word, city)',
    'amount || size::text',
    'day || clock::text',
    'at::text',
    'ident::text',
    'flag::text',
  ],
  truths: [
    "word = 'a'",
    "word like 'a%'",
    "word ilike '%A%' and city is not null",
    "city in ('Rome', 'rome', null)",
    'size between -1 and 1',
    'flag is distinct from (size > 0)',
    'not (flag or size = 0)',
    'coalesce(flag, size > 0, false)',
    "starts_with(word, 'a')",
    'amount > ratio',
    'big > amount',
    'day > wall',
  ],
  integers: [
    'length(word)',
    "position('a' in word)",
    'size + 1',
    'size * big',
    'big % 10',
    '-big',
    'abs(big)',
    'sign(amount)',
    'round(amount)',
    'floor(amount)',
    'ceil(amount)',
    'trunc(amount)',
    'round(big, -2)',
    'ratio::integer',
    'amount::integer',
    'word::integer',
    'greatest(size, 0)',
    'extract(year from day) * 12 + extract(month from day)',
    'extract(dow from day)',
    'extract(doy from wall)',
    'extract(hour from at)',
    'extract(second from clock)',
    "date_diff('day', day, wall)",
    "date_diff('month', day, date '2024-03-31')",
    "date_diff('year', date '2024-02-29', day)",
    "date_diff('hour', wall, timestamp '2024-03-31 01:30:00')",
    "date_diff('minute', at, timestamptz '2024-03-31T01:00:00Z')",
    "date_diff('week', at, timestamptz '2024-03-31T01:00:00Z')",
    "day - date '2024-02-29'",
  ],
  decimals: [
    'amount * 2',
    'amount + size',
    'amount - amount % 1',
    'round(amount, 1)',
    'trunc(amount, 1)',
    'coalesce(amount, 0)',
    'abs(amount)',
    'case when size > 0 then amount else size end',
    'cast(amount as decimal(20, 1))',
    'cast(ratio as decimal(20, 3))',
    'greatest(amount, size)',
    'cast(word as decimal(10, 2))',
  ],
  floats: [
    'amount / size',
    'ratio * 2',
    'ratio + size',
    'round(ratio, 1)',
    'floor(ratio)',
    'round(ratio)',
    'trunc(ratio)',
    'sqrt(amount)',
    'ln(abs(size))',
    'power(size, 2)',
    'size / size',
    'word::float',
  ],
  times: [
    "date_trunc('month', day)",
    "date_trunc('hour', at)",
    "date_trunc('week', wall)",
    "day + interval '1 month'",
    "day - interval '1 year 1 day'",
    "wall + interval '90 minutes'",
    "at + interval '1 hour'",
    "date_add('month', size, day)",
    "date_add('day', size, wall)",
    'make_date(extract(year from day), 2, 29)',
    'day + size',
    'at::date',
    'at::timestamp',
    'wall::time',
    'word::date',
    'coalesce(wall, day)',
    'current_date',
  ],
} as const;

const all = Object.values(VALUES).flat();
const numbers = [...VALUES.integers, ...VALUES.decimals, ...VALUES.floats];
const zoneOf = (index: number) => zones[index % zones.length]!;

/** Each expression as a dimension, and each number aggregated. */
export function expressionSpecs(): QuerySpec[] {
  const grouped = all.map(
    (expr, index): QuerySpec => ({
      from,
      timezone: zoneOf(index),
      dimensions: [{ expr, as: 'x' }],
      measures: [{ agg: 'count' }, { agg: 'max', field: 'id', as: 'last' }],
    }),
  );
  const measured = numbers.map(
    (expr, index): QuerySpec => ({
      from,
      timezone: zoneOf(index),
      dimensions: ['flag'],
      measures: (['sum', 'avg', 'min', 'countDistinct', 'median'] as const).map(
        (agg): Measure => ({ agg, expr, as: agg }),
      ),
    }),
  );
  const extremes = [...VALUES.texts, ...VALUES.times, ...VALUES.truths].map(
    (expr, index): QuerySpec => ({
      from,
      timezone: zoneOf(index),
      measures: (['min', 'max', 'count', 'countDistinct'] as const).map(
        (agg): Measure => ({ agg, expr, as: agg }),
      ),
    }),
  );
  const grains = ['day', 'month', 'weekOfYear'] as const;
  const grained = ["day + interval '1 day'", 'at::timestamp', "wall - interval '1 hour'"].flatMap((expr) =>
    grains.map(
      (grain): QuerySpec => ({ from, dimensions: [{ expr, grain, as: 'x' }], measures: [{ agg: 'count' }] }),
    ),
  );
  return [...grouped, ...measured, ...extremes, ...grained];
}

export const EXPRESSION_DISTINCTS: readonly DistinctSpec[] = [
  'left(word, 1)',
  'amount * 2',
  'flag = true',
  'at::date',
].flatMap((expr) => [
  { from, field: { expr, as: 'x' }, search: 'a' },
  { from, field: { expr, as: 'x' }, orderBy: 'count' as const },
]);

export function expressionPivots(): PivotSpec[] {
  const as = (expr: string, name: string): Dimension => ({ expr, as: name });
  const measures: Measure[] = [
    { agg: 'sum', expr: 'amount * size', as: 'revenue' },
    { agg: 'countDistinct', expr: 'upper(left(word, 1))', as: 'initials' },
    { agg: 'median', expr: 'size / 2', as: 'middle' },
    { agg: 'avg', expr: 'case when flag then amount end', as: 'mean' },
    {
      agg: 'max',
      expr: "at + interval '1 hour'",
      as: 'latest',
      where: { field: 'flag', op: 'eq', value: true },
    },
  ];
  const pairs: [string, string][] = [
    [VALUES.texts[0], VALUES.truths[0]],
    [VALUES.texts[4], 'size % 2'],
    [VALUES.texts[9], VALUES.times[0]],
    [VALUES.decimals[3], VALUES.truths[5]],
    [VALUES.floats[1], VALUES.times[1]],
    [VALUES.integers[0], VALUES.texts[20]],
  ];
  return pairs.flatMap(([row, column], index): PivotSpec[] =>
    measures.map((measure) => ({
      from,
      timezone: zoneOf(index),
      rows: [as(row, 'outer'), 'city'],
      columns: [as(column, 'column')],
      measures: [measure, { agg: 'count', expr: 'nullif(size, 0)', as: 'sizes' }],
      totals: { rows: 'all', columns: 'all' },
      sort: [{ axis: 'rows', level: 'outer', by: measure.as!, dir: 'desc' }],
    })),
  );
}
