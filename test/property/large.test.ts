import { afterAll, beforeAll, expect, test } from 'bun:test';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot } from '../support/oracle/pivot.ts';
import { oracleSpec } from '../support/oracle/spec.ts';
import type { OracleColumn, OracleTable } from '../support/oracle/values.ts';
import { pivotIn, tableOf } from './directed.ts';
import { Harness, SETTINGS } from './harness.ts';

/** Past one chunk of the engine (2048 rows) everywhere: rows, details, groups and cells, on several threads. */
const THREADS = 4;
const TIMEOUT_MS = 120_000;

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open(THREADS);
});
afterAll(() => harness[Symbol.asyncDispose]());

const COLUMNS: readonly OracleColumn[] = [
  { name: 'a', type: 'text' },
  { name: 'b', type: 'integer' },
  { name: 'c', type: 'text' },
  { name: 'n', type: 'integer' },
  { name: 'd', type: 'decimal', scale: 2 },
];

/** The same pseudo-random numbers at each run. */
function table(size: number): OracleTable {
  let state = 42;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const rows = Array.from({ length: size }, () => {
    const nothing = next(20) === 0;
    return [
      nothing ? null : `a${next(3000)}`,
      BigInt(next(4)),
      ['x', 'y', ''][next(3)]!,
      next(10) === 0 ? null : BigInt(next(1_000_000)) - 500_000n,
      BigInt(next(1_000_000)),
    ];
  });
  return tableOf(COLUMNS, rows);
}

const large = table(24_000);

test(
  'thousands of details and subtotals come in order with their cells',
  async () => {
    const { answer } = await pivotIn(harness, large, {
      rows: ['a', 'b'],
      columns: ['c'],
      measures: [
        { agg: 'sum', field: 'd' },
        { agg: 'median', field: 'n' },
        { agg: 'countDistinct', field: 'n' },
      ],
      totals: { rows: 'all', columns: 'all' },
      sort: [{ axis: 'rows', level: 'a', by: 'median_n', column: ['y'], dir: 'desc' }],
    });
    expect(answer.detail.rows.total).toBeGreaterThan(4 * 2048);
    expect(answer.rows.level.filter((level) => level === 1).length).toBeGreaterThan(2048);
  },
  TIMEOUT_MS,
);

test(
  'a window deep in thousands of details holds what stands there, with all subtotals',
  async () => {
    const page = { rows: { offset: 5000, limit: 3000 } };
    const { answer } = await pivotIn(harness, large, {
      rows: ['a', 'b', 'c'],
      measures: [
        { agg: 'count', as: 'rows' },
        { agg: 'avg', field: 'n' },
      ],
      totals: { rows: ['a', 'grand'], position: 'first' },
      page,
    });
    expect(answer.detail.rows).toMatchObject({ returned: 3000, truncated: true });
    expect(answer.cells[0]![0]).toBe(24_000);
  },
  TIMEOUT_MS,
);

test(
  'thousands of columns are as right as thousands of rows',
  async () => {
    const narrow: OracleTable = { ...large, rows: large.rows.slice(0, 9000) };
    const { answer } = await pivotIn(harness, narrow, {
      rows: ['c'],
      columns: ['a', 'b'],
      measures: [{ agg: 'sum', field: 'd' }],
      totals: { rows: 'all', columns: 'all' },
    });
    expect(answer.columns.level.length).toBeGreaterThan(3 * 2048);
  },
  TIMEOUT_MS,
);

test(
  'rows of a spec come in order over many chunks',
  async () => {
    const spec = {
      from: { dataset: 'test' },
      dimensions: ['a', 'b', 'c'],
      measures: [{ agg: 'sum' as const, field: 'n', as: 'n' }],
      order: [{ by: 'n', dir: 'desc' as const, nulls: 'first' as const }],
      offset: 1000,
      totalRows: true,
    };
    const source = await harness.publish(large, 2);
    const { answer, summary } = await harness.ask({ kind: 'spec', spec }, source, { inWorker: true });
    const { totalRows, ...expected } = oracleSpec(large, spec, SETTINGS);
    expect(difference(answer, expected)).toBeUndefined();
    expect(summary.totalRows).toBe(totalRows);
    expect(summary.rowCount).toBe(totalRows - 1000);
  },
  TIMEOUT_MS,
);

test(
  'many pivots at once in one worker do not mix',
  async () => {
    const source = await harness.publish(large);
    const fields = ['b', 'c', 'b', 'c', 'b', 'c'];
    const asked = fields.map((field, i) => ({
      from: { dataset: 'test' },
      rows: [field],
      measures: [
        { agg: 'sum' as const, field: 'n', where: { field: 'b', op: 'gte' as const, value: i % 3 } },
      ],
      totals: { rows: 'all' as const },
    }));
    const outcomes = await Promise.all(
      asked.map((spec) => harness.ask({ kind: 'pivot', spec }, source, { inWorker: true })),
    );
    for (const [i, { answer }] of outcomes.entries())
      expect(difference(answer, oraclePivot(large, asked[i]!, SETTINGS))).toBeUndefined();
  },
  TIMEOUT_MS,
);
