import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { csvDifference } from '../support/oracle/csv.ts';
import { difference } from '../support/oracle/differences.ts';
import { oraclePivot, oraclePivotLong, type RowsAnswer } from '../support/oracle/pivot.ts';
import { shown } from '../support/oracle/shown.ts';
import type { Settings } from '../support/oracle/source.ts';
import { asFloat, compareValues, keyOf, type OracleColumn, type Row } from '../support/oracle/values.ts';
import { FILES, type RealFile } from './files.ts';
import { columnOf, readTable } from './parse-files.ts';
import { SignedIn } from './service-kit.ts';

let user: SignedIn;
beforeAll(async () => {
  user = await SignedIn.open();
});
afterAll(() => user[Symbol.asyncDispose]());

const SETTINGS: Settings = { zone: 'UTC', weekStart: 'monday', nowMs: Date.UTC(2024, 0, 1) };
const TIMEOUT_MS = 120_000;

/** What a profile says of a column, from every row. */
function expectedProfile(column: OracleColumn, rows: readonly Row[]) {
  const values = rows.map((row) => row[column.name]!).filter((value) => value !== null);
  const sorted = [...values].sort(compareValues);
  const format = { zone: 'UTC', numbers: 'exact' } as const;
  const isNumber = ['integer', 'decimal', 'float'].includes(column.type);
  const sum = isNumber ? values.reduce<number>((total, value) => total + asFloat(value, column), 0) : 0;
  return {
    name: column.name,
    type: column.type,
    nulls: rows.length - values.length,
    distinct: new Set(values.map(keyOf)).size,
    min: shown(sorted[0] ?? null, column, format),
    max: shown(sorted.at(-1) ?? null, column, format),
    ...(isNumber ? { mean: sum / values.length } : {}),
  };
}

function suite({ file, rows, types, pivots }: RealFile): void {
  test('is loaded with the types that a person expects', async () => {
    const { body, status } = await user.upload(file);
    expect(body.columns).toEqual(Object.entries(types).map(([name, type]) => columnOf(name, type)));
    expect(body.rowCount).toBe(rows);
    expect(body.rejected.count).toBe(0);
    expect(status).toBe(201);
  });

  test(
    'has the profile of its rows',
    async () => {
      const table = await readTable(file, types);
      const { body } = await user.profile(file);
      expect(body.rowCount).toBe(rows);
      const found = body.columns.map(({ top: _, histogram, ...rest }) => rest);
      expect(
        difference(
          found,
          table.columns.map((column) => expectedProfile(column, table.rows)),
        ),
      ).toBeUndefined();
      for (const { histogram, nulls } of body.columns)
        if (histogram) expect(histogram.reduce((sum, { count }) => sum + count, nulls)).toBe(rows);
    },
    TIMEOUT_MS,
  );

  for (const [i, pivot] of pivots.entries())
    test(
      `pivot ${i + 1} has the cells of brute force`,
      async () => {
        const table = await readTable(file, types);
        const spec = { from: { dataset: file }, ...pivot };
        const { body } = await user.pivot(spec);
        const { meta, ...answer } = body;
        expect(difference(answer, oraclePivot(table, spec, SETTINGS))).toBeUndefined();
        expect(answer.cells.length).toBeGreaterThan(0);
        expect(meta.truncated).toBe(false); // a page that was asked for is no cut
      },
      TIMEOUT_MS,
    );
}

for (const each of FILES) describe(each.file, () => suite(each));

test('screen, long shape and file hold the same cells under the same hash', async () => {
  const { file, types, pivots } = FILES.find((each) => each.file === 'seattle-weather.csv')!;
  const spec = { from: { dataset: file }, ...pivots[0]! };
  const expected = oraclePivotLong(await readTable(file, types), spec, SETTINGS);
  const grid = await user.pivotAs(spec, 'shape=grid');
  const long = await user.pivotAs(spec, 'shape=long');
  const csv = await user.pivotAs(spec, 'format=csv');
  const { meta, ...rows } = JSON.parse(long.text) as RowsAnswer & { meta: { resultHash: string } };
  expect(difference(rows, expected)).toBeUndefined();
  expect(csvDifference(csv.text, expected)).toBeUndefined();
  expect((JSON.parse(grid.text) as { meta: { resultHash: string } }).meta.resultHash).toBe(meta.resultHash);
  expect(csv.headers.get('content-type')).toStartWith('text/csv');
});
