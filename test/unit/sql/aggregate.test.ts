import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { Column } from '../../../src/domain/column.ts';
import type { Measure } from '../../../src/domain/query-spec.ts';
import { type CompiledMeasure, compileMeasure } from '../../../src/sql/aggregate.ts';
import { join, raw, type Sql, sql } from '../../../src/sql/ast.ts';
import { openDatabase, scopeOf, type TestDatabase, table } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'g', type: 'text' },
  { name: 'i', type: 'integer' },
  { name: 'd', type: 'decimal' },
  { name: 'f', type: 'float' },
  { name: 't', type: 'text' },
  { name: 'b', type: 'boolean' },
  { name: 'dt', type: 'date' },
  { name: 'tz', type: 'timestamptz' },
  { name: 'u', type: 'uuid' },
  { name: 'j', type: 'json' },
  { name: 'bin', type: 'binary' },
];

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
  await db.run(
    `CREATE TABLE t (g VARCHAR, i BIGINT, d DECIMAL(18,2), f DOUBLE, t VARCHAR, b BOOLEAN, dt DATE, tz TIMESTAMPTZ, u UUID, j JSON, bin BLOB)`,
  );
  await db.run(`INSERT INTO t VALUES
    ('a', 9223372036854775807, 0.10, 0.5, 'É', true, '2024-02-29', '2024-01-01 00:00:00Z', '00000000-0000-0000-0000-000000000001', '{}', 'x'),
    ('a', 9223372036854775807, 0.20, 1.5, 'e', false, '2023-01-01', NULL, NULL, '[]', 'y'),
    ('b', 3, NULL, 4.0, '', NULL, NULL, '2024-01-01 01:00:00Z', '00000000-0000-0000-0000-000000000002', NULL, NULL),
    ('b', 3, 0.30, NULL, NULL, true, '2024-01-01', NULL, NULL, NULL, 'x'),
    ('c', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
});
afterAll(() => db[Symbol.asyncDispose]());

const compiled = (measure: Measure) => compileMeasure(measure, scopeOf(COLUMNS), '/measures/0');
const input = (measure: CompiledMeasure) => measure.input ?? raw('1');

async function direct(measure: CompiledMeasure, where = 'TRUE'): Promise<unknown> {
  const [row] = await db.rows(
    sql`SELECT ${measure.direct(raw('x'))} FROM (SELECT ${input(measure)} AS x FROM ${table('t')} WHERE ${raw(where)})`,
  );
  return row?.[0];
}

/** By groups first, then from the groups' partials. */
async function rolledUp(measure: CompiledMeasure, where = 'TRUE'): Promise<unknown> {
  const partials = measure.partials.map((partial) => sql`${partial.sql} AS ${raw(`p_${partial.suffix}`)}`);
  const combined: Sql[] = measure.partials.map(({ suffix, combine }) => raw(`${combine}(p_${suffix})`));
  const groups = sql`SELECT g, ${join(partials, ', ')} FROM ${table('t')} WHERE ${raw(where)} GROUP BY g`;
  const [row] = await db.rows(sql`SELECT ${measure.final(combined)} FROM (${groups})`);
  return row?.[0];
}

const CASES: [Measure, type: string, whole: unknown, none: unknown][] = [
  [{ agg: 'count' }, 'integer', '5', '0'],
  [{ agg: 'count', field: 'd' }, 'integer', '3', '0'],
  [{ agg: 'count', field: 'bin' }, 'integer', '3', '0'],
  [{ agg: 'countDistinct', field: 'i' }, 'integer', '2', '0'],
  [{ agg: 'countDistinct', field: 't' }, 'integer', '3', '0'],
  [{ agg: 'countDistinct', field: 'bin' }, 'integer', '2', '0'],
  [{ agg: 'sum', field: 'i' }, 'integer', '18446744073709551620', null],
  [{ agg: 'sum', field: 'd' }, 'decimal', '0.60', null],
  [{ agg: 'sum', field: 'f' }, 'float', 6, null],
  [{ agg: 'avg', field: 'i' }, 'float', 2 ** 62, null],
  [{ agg: 'avg', field: 'd' }, 'float', 0.6 / 3, null],
  [{ agg: 'avg', field: 'f' }, 'float', 2, null],
  [{ agg: 'median', field: 'd' }, 'float', 0.2, null],
  [{ agg: 'median', field: 'f' }, 'float', 1.5, null],
  [{ agg: 'min', field: 'i' }, 'integer', '3', null],
  [{ agg: 'max', field: 'i' }, 'integer', '9223372036854775807', null],
  [{ agg: 'min', field: 't' }, 'text', '', null],
  [{ agg: 'max', field: 't' }, 'text', 'É', null],
  [{ agg: 'min', field: 'b' }, 'boolean', false, null],
  [{ agg: 'max', field: 'dt' }, 'date', '2024-02-29', null],
  [{ agg: 'max', field: 'tz' }, 'timestamptz', '2024-01-01 01:00:00+00', null],
  [{ agg: 'max', field: 'u' }, 'uuid', '00000000-0000-0000-0000-000000000002', null],
  [{ agg: 'count', where: { field: 'b', op: 'eq', value: true } }, 'integer', '2', '0'],
  [{ agg: 'sum', field: 'd', where: { field: 'g', op: 'eq', value: 'a' } }, 'decimal', '0.30', null],
  [{ agg: 'avg', field: 'f', where: { field: 'g', op: 'ne', value: 'a' } }, 'float', 4, null],
  [{ agg: 'median', field: 'f', where: { field: 'f', op: 'lt', value: 4 } }, 'float', 1, null],
  [{ agg: 'countDistinct', field: 'i', where: { field: 'g', op: 'eq', value: 'b' } }, 'integer', '1', '0'],
];

describe.each(CASES)('%j', (measure, type, whole, none) => {
  test('over rows', async () => {
    expect(compiled(measure).type).toBe(type as never);
    expect(await direct(compiled(measure))).toEqual(whole);
    expect(await direct(compiled(measure), 'FALSE')).toEqual(none);
  });

  if (measure.agg !== 'countDistinct' && measure.agg !== 'median')
    test('from the partials of groups', async () => {
      expect(await rolledUp(compiled(measure))).toEqual(whole);
      expect(await rolledUp(compiled(measure), 'FALSE')).toEqual(none);
      expect(await rolledUp(compiled(measure), `g = 'c'`)).toEqual(
        measure.agg === 'count' && !measure.field && !measure.where ? '1' : none,
      );
    });
});

test('the mean of the two middle values', async () => {
  await db.run(`CREATE OR REPLACE TABLE m AS SELECT unnest([1, 10, 2, 9]) AS i`);
  const { direct: median } = compiled({ agg: 'median', field: 'i' });
  expect(await db.rows(sql`SELECT ${median(raw('i'))} FROM m`)).toEqual([[5.5]]);
});

test('only what cannot be combined is asked for at each level', () => {
  const kinds = (['count', 'sum', 'avg', 'min', 'max', 'median', 'countDistinct'] as const).map((agg) => [
    agg,
    compiled({ agg, field: 'i' }).decomposable,
  ]);
  expect(Object.fromEntries(kinds)).toEqual({
    count: true,
    sum: true,
    avg: true,
    min: true,
    max: true,
    median: false,
    countDistinct: false,
  });
});

test('names: as, else the aggregation and the field', () => {
  expect(compiled({ agg: 'count' }).name).toBe('count');
  expect(compiled({ agg: 'count', field: 'i' }).name).toBe('count_i');
  expect(compiled({ agg: 'sum', field: 'i' }).name).toBe('sum_i');
  expect(compiled({ agg: 'sum', field: 'i', as: 'total' }).name).toBe('total');
});

test.each<[Measure, string, string]>([
  [{}, 'request.invalid', '/measures/0'],
  [{ agg: 'sum' }, 'request.invalid', '/measures/0'],
  [{ agg: 'percentile', field: 'i' }, 'query.not_built', '/measures/0/agg'],
  [{ agg: 'sum', field: 'nope' }, 'query.field', '/measures/0/field'],
  [{ agg: 'sum', field: 't' }, 'query.type', '/measures/0/field'],
  [{ agg: 'avg', field: 'dt' }, 'query.type', '/measures/0/field'],
  [{ agg: 'median', field: 'b' }, 'query.type', '/measures/0/field'],
  [{ agg: 'min', field: 'j' }, 'query.type', '/measures/0/field'],
  [{ agg: 'max', field: 'bin' }, 'query.type', '/measures/0/field'],
  [{ agg: 'count', where: { field: 'i', op: 'eq', value: 'x' } }, 'query.type', '/measures/0/where/value'],
])('%j is refused', (measure, code, pointer) => {
  let fault: unknown;
  try {
    compiled(measure);
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(AppError);
  expect(fault).toMatchObject({ code, pointer });
});
