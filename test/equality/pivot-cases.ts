import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { Dimension, Measure } from '../../src/domain/query-spec.ts';
import { randomOf } from './corpus.ts';

const from = { dataset: 'corpus' };

const DIMENSIONS: readonly Dimension[] = [
  'word',
  'city',
  'size',
  'amount',
  'flag',
  'day',
  { field: 'day', grain: 'quarter', as: 'quarter' },
  { field: 'day', grain: 'week', as: 'week' },
  { field: 'wall', grain: 'month', as: 'month' },
  { field: 'at', grain: 'day', as: 'local day' },
  { field: 'at', grain: 'hour', as: 'local hour' },
  { field: 'at', grain: 'hourOfDay', as: 'hour' },
];

const MEASURES: readonly Measure[] = [
  { agg: 'count', as: 'rows' },
  { agg: 'sum', field: 'amount', as: 'revenue' },
  { agg: 'sum', field: 'big', as: 'huge' },
  { agg: 'avg', field: 'amount', as: 'mean' },
  { agg: 'countDistinct', field: 'word', as: 'words' },
  { agg: 'median', field: 'size', as: 'middle' },
  { agg: 'min', field: 'word', as: 'first word' },
  { agg: 'max', field: 'at', as: 'latest' },
  { agg: 'sum', field: 'amount', as: 'rome', where: { field: 'city', op: 'eq', value: 'Rome' } },
  { agg: 'countDistinct', field: 'city', as: 'cities', where: { field: 'flag', op: 'eq', value: true } },
];

const FILTERS: readonly PivotSpec['where'][] = [
  undefined,
  undefined,
  { field: 'city', op: 'ne', value: 'Rome' },
  { field: 'word', op: 'contains', value: 'a' },
  {
    or: [
      { field: 'flag', op: 'eq', value: true },
      { field: 'size', op: 'isNull' },
    ],
  },
  { field: 'city', op: 'eq', value: 'no such city' },
];

const TOTALS: readonly NonNullable<PivotSpec['totals']>[] = [
  { rows: 'all', columns: 'all' },
  { rows: 'all', columns: 'grand', position: 'first' },
  { rows: 'grand', columns: 'none' },
  {},
];

const ZONES = ['UTC', 'Europe/Rome', 'Asia/Kolkata', 'America/St_Johns'];

const nameOf = (dimension: Dimension) =>
  typeof dimension === 'string' ? dimension : (dimension.as ?? dimension.field!);

/** Pivots over the corpus, the same each time: every dimension and measure in many company. */
export function allPivots(count: number): PivotSpec[] {
  const below = randomOf(20_241_123);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const some = <T>(items: readonly T[], most: number): T[] => {
    const left = [...items];
    return Array.from({ length: below(most + 1) }, () => left.splice(below(left.length), 1)[0]!);
  };
  return Array.from({ length: count }, (): PivotSpec => {
    const dimensions = some(DIMENSIONS, 4);
    const cut = below(dimensions.length + 1);
    const rows = dimensions.slice(0, cut);
    const columns = dimensions.slice(cut, cut + 2);
    const measures = [pick(MEASURES), ...some(MEASURES, 2)];
    const named = [...new Map(measures.map((measure) => [measure.as, measure])).values()];
    const where = pick(FILTERS);
    const [outer] = rows;
    return {
      from,
      rows,
      columns,
      measures: named,
      totals: pick(TOTALS),
      timezone: pick(ZONES),
      ...(where ? { where } : {}),
      ...(outer && below(3) === 0
        ? {
            sort: [
              {
                axis: 'rows',
                level: nameOf(outer),
                by: pick(named).as!,
                dir: pick(['asc', 'desc'] as const),
              },
            ],
          }
        : {}),
      ...(below(4) === 0 ? { page: { rows: { offset: below(3), limit: below(5) } } } : {}),
    };
  });
}
