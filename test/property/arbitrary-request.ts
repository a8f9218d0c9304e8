import fc from 'fast-check';
import type { AxisSort, AxisTotals, PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { Dimension, DistinctSpec, Measure, QuerySpec } from '../../src/domain/query-spec.ts';
import { oracleMembers } from '../support/oracle/pivot.ts';
import type { Settings } from '../support/oracle/source.ts';
import { oracleSpec } from '../support/oracle/spec.ts';
import type { OracleColumn, OracleTable } from '../support/oracle/values.ts';
import { conditionOver, filterOver } from './arbitrary-filter.ts';
import { COLUMNS } from './arbitrary-table.ts';

const DAY_GRAINS = [
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'dayOfWeek',
  'dayOfMonth',
  'weekOfYear',
  'monthOfYear',
  'quarterOfYear',
];
const CLOCK_GRAINS = [...DAY_GRAINS, 'second', 'minute', 'hour', 'hourOfDay'];
const NUMERIC = ['integer', 'decimal', 'float'];
export const ZONES = [
  'UTC',
  'Europe/Rome',
  'Asia/Kolkata',
  'America/St_Johns',
  'America/New_York',
  'Pacific/Auckland',
  'Asia/Riyadh',
];

/** There in so many of ten. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, ofTen: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - ofTen, arbitrary: fc.constant(undefined) }, { weight: ofTen, arbitrary });

function dimensionOf({ name: field, type }: OracleColumn): fc.Arbitrary<{ field: string; grain?: string }> {
  const grains = type === 'date' ? DAY_GRAINS : type.startsWith('timestamp') ? CLOCK_GRAINS : [];
  if (grains.length === 0) return fc.constant({ field });
  return fc.oneof(
    fc.constant({ field }),
    fc.record({ field: fc.constant(field), grain: fc.constantFrom(...grains) }),
  );
}

const dimension = fc.oneof(...COLUMNS.map(dimensionOf));
const axis = (maxLength: number) => fc.array(dimension, { maxLength });

const measure: fc.Arbitrary<Measure> = fc.oneof(
  fc.record({ agg: fc.constant('count'), where: maybe(filterOver(), 3) }),
  ...COLUMNS.map(({ name, type }) =>
    fc.record({
      agg: fc.constantFrom(
        'count',
        'countDistinct',
        'min',
        'max',
        ...(NUMERIC.includes(type) ? ['sum', 'avg', 'median', 'sum'] : []),
      ),
      field: fc.constant(name),
      where: maybe(filterOver(), 2),
    }),
  ),
) as fc.Arbitrary<Measure>;

/** Leaves out what is undefined, as a request in JSON does. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const common = {
  where: maybe(filterOver(), 4),
  timezone: maybe(fc.constantFrom(...ZONES), 6),
  weekStart: maybe(fc.constantFrom('monday' as const, 'sunday' as const, 'saturday' as const), 5),
  numbers: maybe(fc.constantFrom('exact' as const, 'float' as const), 3),
};

const direction = {
  dir: maybe(fc.constantFrom('asc' as const, 'desc' as const), 6),
  nulls: maybe(fc.constantFrom('first' as const, 'last' as const), 5),
};

const page = fc.record({
  offset: maybe(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(1000)), 3),
  limit: maybe(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(1)), 3),
});

const totals = fc.oneof(
  fc.constantFrom('all' as const, 'all' as const, 'grand' as const, 'none' as const),
  fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 3 }),
);

/** A pivot whose names and paths are numbers still, so that any of its parts may shrink. */
export const pivotDraft = fc.record({
  rows: axis(4),
  columns: axis(3),
  measures: fc.array(measure, { minLength: 1, maxLength: 3 }),
  totals: maybe(
    fc.record({
      rows: maybe(totals, 8),
      columns: maybe(totals, 8),
      position: maybe(fc.constantFrom('first' as const, 'last' as const), 5),
    }),
    9,
  ),
  sort: fc.array(
    fc.record({
      axis: fc.constantFrom('rows' as const, 'columns' as const),
      level: fc.nat(3),
      by: fc.integer({ min: -1, max: 2 }),
      header: maybe(fc.record({ index: fc.nat(6), depth: fc.nat(3) }), 7),
      ...direction,
    }),
    { maxLength: 4 },
  ),
  page: maybe(fc.record({ rows: maybe(page, 8), columns: maybe(page, 8) }), 4),
  fill: maybe(fc.constant('zero' as const), 3),
  format: fc.constantFrom('json' as const, 'json' as const, 'json' as const, 'long' as const, 'csv' as const),
  ...common,
});
export type PivotDraft = typeof pivotDraft extends fc.Arbitrary<infer T> ? T : never;

const named = (dimensions: PivotDraft['rows'], letter: string) =>
  dimensions.map((one, k) => ({ ...one, as: `${letter}${k}` })) as Dimension[];

function totalsOf(
  given: AxisTotals | number[] | undefined,
  letter: string,
  depth: number,
): AxisTotals | undefined {
  if (!Array.isArray(given)) return given;
  return (given as number[])
    .filter((level) => level < depth)
    .map((level) => (level < 0 ? 'grand' : `${letter}${level}`));
}

/** The draft with names in it, and sorts by headers that the table has. */
export function completePivot(draft: PivotDraft, table: OracleTable, settings: Settings): PivotSpec {
  const letters = { rows: 'r', columns: 'c' } as const;
  const { sort: sorts, format: _, ...rest } = draft;
  const spec = sent({
    ...rest,
    from: { dataset: 'test' },
    rows: named(draft.rows, 'r'),
    columns: named(draft.columns, 'c'),
    measures: draft.measures.map((one, m) => ({ ...one, as: `m${m}` })),
    totals: draft.totals && {
      ...draft.totals,
      rows: totalsOf(draft.totals.rows as AxisTotals, 'r', draft.rows.length),
      columns: totalsOf(draft.totals.columns as AxisTotals, 'c', draft.columns.length),
    },
  }) as PivotSpec;
  const sort: AxisSort[] = [];
  for (const { axis, level, by, header, dir, nulls } of sorts) {
    const name = `${letters[axis]}${level}`;
    if (level >= draft[axis].length || by >= draft.measures.length) continue;
    if (sort.some((one) => one.level === name)) continue;
    const other = axis === 'rows' ? 'columns' : 'rows';
    const members = oracleMembers(table, spec, settings, other);
    const path = header && by >= 0 ? members[header.index % Math.max(1, members.length)] : undefined;
    const column = path?.slice(0, header!.depth);
    sort.push(sent({ axis, level: name, by: by < 0 ? name : `m${by}`, column, dir, nulls }) as AxisSort);
  }
  return { ...spec, sort };
}

export const specDraft = fc.record({
  dimensions: axis(3),
  measures: fc.array(measure, { maxLength: 3 }),
  having: maybe(fc.nat(), 3),
  order: fc.array(fc.record({ by: fc.nat(5), ...direction }), { maxLength: 3 }),
  limit: maybe(fc.integer({ min: 0, max: 6 }), 3),
  offset: maybe(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(1000)), 3),
  totalRows: fc.boolean(),
  format: fc.constantFrom(
    'json' as const,
    'json' as const,
    'objects' as const,
    'columns' as const,
    'csv' as const,
  ),
  ...common,
});
export type SpecDraft = typeof specDraft extends fc.Arbitrary<infer T> ? T : never;

/** The draft with names in it; `having` is one of the conditions that fit the answer's columns. */
export function completeSpec(
  draft: SpecDraft,
  table: OracleTable,
  settings: Settings,
): QuerySpec | undefined {
  const { having, order, format: _, ...rest } = draft;
  const dimensions = named(draft.dimensions, 'd');
  const measures = draft.measures.map((one, m) => ({ ...one, as: `m${m}` }));
  if (dimensions.length + measures.length === 0) return undefined;
  const spec = sent({ ...rest, from: { dataset: 'test' }, dimensions, measures }) as QuerySpec;
  const { columns } = oracleSpec(table, spec, settings);
  const outputs = columns.map(({ name, type }) => ({ name, type })) as OracleColumn[];
  if (having !== undefined) {
    spec.having = fc.sample(filterOver(outputs), { numRuns: 1, seed: having })[0]!;
  }
  spec.order = order
    .filter(({ by }) => by < outputs.length)
    .map(({ by, dir, nulls }) => sent({ by: outputs[by]!.name, dir, nulls })) as NonNullable<
    QuerySpec['order']
  >;
  return spec;
}

/** How many rows fit one condition. */
export const conditionSpec = fc
  .record({ ...common, where: conditionOver(), numbers: fc.constant(undefined) })
  .map(
    (given) =>
      sent({
        ...given,
        from: { dataset: 'test' },
        measures: [{ agg: 'count', as: 'rows' }],
      }) as unknown as QuerySpec,
  );

export const distinctSpec = fc
  .record({
    field: dimension,
    search: maybe(fc.constantFrom('a', 'T', '1', '2024', '', '-0', 'rue'), 6),
    limit: maybe(fc.integer({ min: 0, max: 6 }), 3),
    offset: maybe(fc.integer({ min: 0, max: 4 }), 3),
    orderBy: maybe(fc.constantFrom('value' as const, 'count' as const), 6),
    ...common,
  })
  .map((given) => sent({ ...given, from: { dataset: 'test' } }) as DistinctSpec);
