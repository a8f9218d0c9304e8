import type { PivotSpec } from '../../src/domain/pivot-spec.ts';

const from = { dataset: 'orders' };
const all = { rows: 'all', columns: 'all' } as const;

/** Thirty of them, beside the count: five of each channel. */
const MANY_MEASURES = Array.from({ length: 6 }, (_, i) => `channel ${i}`).flatMap((channel) =>
  (['sum', 'avg', 'min', 'max', 'countDistinct'] as const).map((agg) => ({
    agg,
    field: agg === 'countDistinct' ? 'customer' : 'amount',
    where: { field: 'channel', op: 'eq' as const, value: channel },
    as: `${agg} of ${channel}`,
  })),
);

/** The shapes that are measured; the last two are those of public complaints about slow pivots. */
export const PIVOTS: Record<string, PivotSpec> = {
  small: {
    from,
    rows: ['region'],
    columns: ['channel'],
    measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }],
    totals: all,
  },
  large: {
    from,
    rows: ['region', 'product'],
    columns: [{ field: 'ordered_on', grain: 'month', as: 'month' }],
    measures: [
      { agg: 'sum', field: 'amount', as: 'revenue' },
      { agg: 'sum', field: 'quantity', as: 'units' },
    ],
    totals: all,
  },
  distinct: {
    from,
    rows: ['region', 'product'],
    columns: ['channel'],
    measures: [
      { agg: 'countDistinct', field: 'customer', as: 'customers' },
      { agg: 'median', field: 'amount', as: 'median' },
    ],
    totals: all,
  },
  'five groups, five measures': {
    from,
    rows: [
      'region',
      'channel',
      { field: 'ordered_on', grain: 'year', as: 'year' },
      { field: 'ordered_on', grain: 'quarterOfYear', as: 'quarter' },
    ],
    columns: [{ field: 'ordered_on', grain: 'dayOfWeek', as: 'weekday' }],
    measures: [
      { agg: 'sum', field: 'amount', as: 'revenue' },
      { agg: 'avg', field: 'amount', as: 'average' },
      { agg: 'min', field: 'amount', as: 'least' },
      { agg: 'max', field: 'amount', as: 'most' },
      { agg: 'count', as: 'orders' },
    ],
    totals: all,
  },
  'five groups, thirty-one measures': {
    from,
    rows: ['region', 'channel', { field: 'ordered_on', grain: 'year', as: 'year' }],
    columns: [
      { field: 'ordered_on', grain: 'quarterOfYear', as: 'quarter' },
      { field: 'ordered_on', grain: 'dayOfWeek', as: 'weekday' },
    ],
    measures: [...MANY_MEASURES, { agg: 'count', as: 'orders' }],
    totals: all,
  },
};
