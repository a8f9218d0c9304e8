import type { Filter } from '../../src/domain/filter.ts';
import type { Dimension, Measure, Order, QuerySpec } from '../../src/domain/query-spec.ts';
import { GRAINS, PARTS, WEEKDAYS } from '../../src/domain/time.ts';
import { randomOf, WORDS } from './corpus.ts';

const ZONES = [
  'UTC',
  'Europe/Rome',
  'Asia/Riyadh',
  'Asia/Kolkata',
  'America/St_Johns',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
] as const;

const grained = (field: string, grain: string): Dimension =>
  ({ field, grain, as: `${field}_${grain}` }) as Dimension;

const DIMENSIONS: readonly Dimension[] = [
  'word',
  'city',
  'size',
  'big',
  'amount',
  'ratio',
  'flag',
  'day',
  'clock',
  'wall',
  'at',
  'ident',
  ...[...GRAINS, ...PARTS].flatMap((grain) => [grained('wall', grain), grained('at', grain)]),
  ...['day', 'week', 'month', 'quarter', 'year', 'dayOfWeek', 'weekOfYear', 'dayOfMonth'].map((grain) =>
    grained('day', grain),
  ),
];

const MEASURES: readonly Measure[] = [
  { agg: 'count' },
  ...['word', 'city', 'size', 'ratio', 'flag', 'at'].flatMap((field): Measure[] => [
    { agg: 'count', field },
    { agg: 'countDistinct', field },
  ]),
  { agg: 'countDistinct', field: 'ident' },
  { agg: 'countDistinct', field: 'clock' },
  ...['size', 'big', 'amount', 'ratio'].flatMap((field): Measure[] => [
    { agg: 'sum', field },
    { agg: 'avg', field },
    { agg: 'median', field },
    { agg: 'min', field },
    { agg: 'max', field },
  ]),
  ...['word', 'flag', 'day', 'clock', 'wall', 'at', 'ident'].flatMap((field): Measure[] => [
    { agg: 'min', field },
    { agg: 'max', field },
  ]),
  { agg: 'sum', field: 'amount', as: 'rome', where: { field: 'city', op: 'eq', value: 'Rome' } },
  { agg: 'count', as: 'flagged', where: { field: 'flag', op: 'eq', value: true } },
  { agg: 'median', field: 'size', as: 'middle', where: { field: 'size', op: 'ne', value: 0 } },
  {
    agg: 'countDistinct',
    field: 'word',
    as: 'others',
    where: { not: { field: 'word', op: 'contains', value: 'a' } },
  },
];

const WHERES: readonly Filter[] = [
  ...WORDS.filter((word) => word !== null).map((value): Filter => ({ field: 'word', op: 'eq', value })),
  ...['a', 'A', 'é', 'É', ' ', '%', '_', '\\', '[', '', '😀', 'مر', 'ß', 'Ω', 'ж', "'"].flatMap(
    (value): Filter[] => [
      { field: 'word', op: 'contains', value },
      { field: 'word', op: 'contains', value, caseSensitive: true },
      { field: 'word', op: 'startsWith', value },
      { field: 'word', op: 'endsWith', value },
      { field: 'word', op: 'notContains', value },
    ],
  ),
  ...['a', 'a ', 'Z', '😀', 'é', 'م'].flatMap((value): Filter[] => [
    { field: 'word', op: 'lt', value },
    { field: 'word', op: 'gte', value },
    { field: 'word', op: 'ne', value },
  ]),
  ...['a%', '%A', '_', 'a\\_b', '%\\%%', '[a]%', '%é', 'a\\\\b', 'a|b', '%|%'].flatMap((value): Filter[] => [
    { field: 'word', op: 'like', value },
    { field: 'word', op: 'like', value, caseSensitive: true },
  ]),
  ...['^a', 'b$', '^[a-z]+$', '\\d+', 'a.b', '\\bb', '^.$'].flatMap((value): Filter[] => [
    { field: 'word', op: 'matches', value },
    { field: 'word', op: 'matches', value, caseSensitive: true },
  ]),
  { field: 'word', op: 'in', values: ['a', 'Á', 'a ', '😀', null] },
  { field: 'word', op: 'notIn', values: ['a', 'B', 'مرحبا'] },
  { field: 'word', op: 'notIn', values: ['a', null] },
  { field: 'word', op: 'in', values: [] },
  { field: 'word', op: 'notIn', values: [] },
  { field: 'word', op: 'isEmpty' },
  { field: 'word', op: 'isNull' },
  { not: { field: 'word', op: 'isEmpty' } },
  { field: 'word', op: 'between', values: ['A', 'b'] },
  { field: 'size', op: 'eq', value: 1 },
  { field: 'size', op: 'gt', value: 0.5 },
  { field: 'size', op: 'in', values: [1, 2, null] },
  { field: 'big', op: 'eq', value: '9007199254740993' },
  { field: 'big', op: 'lt', value: '9223372036854775807' },
  { field: 'big', op: 'lt', value: '99999999999999999999' },
  { field: 'amount', op: 'eq', value: 0.1 },
  { field: 'amount', op: 'lte', value: '12345678901234.56' },
  { field: 'amount', op: 'between', values: [-1, 1.5] },
  { field: 'ratio', op: 'gt', value: 0.1 },
  { field: 'ratio', op: 'eq', value: 0 },
  { field: 'ratio', op: 'lt', value: 1e15 },
  { field: 'flag', op: 'eq', value: false },
  { field: 'flag', op: 'ne', value: true },
  { not: { field: 'flag', op: 'eq', value: true } },
  { field: 'day', op: 'eq', value: '2024-02-29' },
  { field: 'day', op: 'lt', value: '2024-01-01T12:00:00' },
  { field: 'day', op: 'during', range: { period: 'year', offset: 0 } },
  { field: 'clock', op: 'lt', value: '12:34:56.5' },
  { field: 'clock', op: 'eq', value: '23:59:59.999999' },
  { field: 'wall', op: 'eq', value: '2024-03-31' },
  { field: 'wall', op: 'gt', value: '2024-02-29T12:34:56.789' },
  { field: 'wall', op: 'during', range: { from: '2023-12-31', to: '2024-03-31T03:00:00' } },
  { field: 'at', op: 'eq', value: '2024-03-31' },
  { field: 'at', op: 'in', values: ['2024-03-31', '2024-10-27T02:30:00', null] },
  { field: 'at', op: 'lte', value: '2024-03-31T01:00:00Z' },
  { field: 'at', op: 'between', values: ['2023-12-31', '2024-03-10'] },
  { field: 'at', op: 'during', range: { period: 'month', offset: 0 } },
  { field: 'at', op: 'during', range: { last: { n: 240, unit: 'hour' } } },
  { field: 'ident', op: 'eq', value: 'F47AC10B-58CC-4372-A567-0E02B2C3D479' },
  { field: 'ident', op: 'contains', value: '11D2' },
  { field: 'ident', op: 'gt', value: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' },
  { and: [] },
  { or: [] },
  {
    and: [
      { field: 'size', op: 'gte', value: 0 },
      {
        not: {
          or: [
            { field: 'city', op: 'eq', value: 'Rome' },
            { field: 'flag', op: 'isNull' },
          ],
        },
      },
    ],
  },
];

const nameOf = (dimension: Dimension) =>
  typeof dimension === 'string' ? dimension : (dimension.as ?? dimension.field!);
const measureName = ({ agg, field, as }: Measure) => as ?? (field === undefined ? agg! : `${agg}_${field}`);

/** Every filter, every dimension and every measure at least once, and mixtures of them. */
export function allSpecs(): QuerySpec[] {
  const random = randomOf(7);
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
  const common = () => ({
    from: { dataset: 'corpus' },
    timezone: pick(ZONES),
    weekStart: pick(WEEKDAYS),
  });
  const some = <T>(values: readonly T[], most: number, name: (value: T) => string): T[] => [
    ...new Map(
      Array.from({ length: random(most) + 1 }, () => pick(values)).map((value) => [name(value), value]),
    ).values(),
  ];
  const orders = (names: readonly string[]): Order[] =>
    random(2) === 0 ? [] : [{ by: pick(names), dir: pick(['asc', 'desc']), nulls: pick(['first', 'last']) }];
  const paging = () => (random(4) === 0 ? { limit: random(12), offset: random(6) } : {});
  const mixed = (spec: Pick<QuerySpec, 'dimensions' | 'measures' | 'where'>): QuerySpec => {
    const names = [...(spec.dimensions ?? []).map(nameOf), ...(spec.measures ?? []).map(measureName)];
    return { ...common(), ...spec, order: orders(names), ...paging(), totalRows: random(3) === 0 };
  };
  const ids: QuerySpec[] = WHERES.map((where) => ({ ...common(), dimensions: ['id'], where }));
  const alone = DIMENSIONS.flatMap((dimension) => [
    mixed({ dimensions: [dimension], measures: [{ agg: 'count' }] }),
    mixed({ dimensions: [dimension], measures: some(MEASURES, 3, measureName) }),
  ]);
  const measured = MEASURES.flatMap((measure) => [
    { ...common(), measures: [measure] },
    mixed({ dimensions: [pick(['size', 'city', 'flag'])], measures: [measure] }),
  ]);
  const several = Array.from({ length: 120 }, () =>
    mixed({
      dimensions: some(DIMENSIONS, 3, nameOf),
      measures: some(MEASURES, 4, measureName),
      ...(random(2) === 0 ? { where: pick(WHERES) } : {}),
    }),
  );
  const having: QuerySpec[] = (
    [
      { field: 'n', op: 'gt', value: 5 },
      { field: 'total', op: 'lt', value: 10.5 },
      { field: 'word', op: 'eq', value: 'a' },
      { field: 'word', op: 'startsWith', value: 'A' },
      { field: 'word', op: 'in', values: ['a ', 'مرحبا', null] },
      { field: 'last', op: 'gte', value: '2024-03-31' },
      { field: 'greatest', op: 'ne', value: 'z' },
      { not: { field: 'middle', op: 'gt', value: 0 } },
    ] satisfies Filter[]
  ).map((having) => ({
    ...common(),
    dimensions: ['word'],
    measures: [
      { agg: 'count', as: 'n' },
      { agg: 'sum', field: 'amount', as: 'total' },
      { agg: 'max', field: 'at', as: 'last' },
      { agg: 'max', field: 'city', as: 'greatest' },
      { agg: 'median', field: 'size', as: 'middle' },
    ],
    having,
    totalRows: true,
  }));
  return [...ids, ...alone, ...measured, ...several, ...having];
}

export const DISTINCTS = [
  'word',
  'city',
  'amount',
  'flag',
  'day',
  'wall',
  'at',
  'clock',
  'ident',
  'big',
].flatMap((field) =>
  [undefined, 'a', '1', 'E', '-', 'رو'].map((search) => ({
    from: { dataset: 'corpus' },
    field,
    ...(search === undefined ? { orderBy: 'count' as const } : { search }),
    timezone: 'America/St_Johns',
  })),
);
