import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Filter } from '../../src/domain/filter.ts';
import { QuerySpec } from '../../src/domain/query-spec.ts';
import { parse } from '../../src/domain/schema.ts';
import { raw, render } from '../../src/sql/ast.ts';
import { columnsByName } from '../../src/sql/scope.ts';
import { compileSpec } from '../../src/sql/spec.ts';
import { type Engine, openMariadbEngine, openPostgresEngine } from './engines.ts';

const day = (i: number) => new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10);
const many = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i * 7));
const uuid = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

/** By column: how a value of a request is made from a number. */
const VALUES: Readonly<Record<string, (i: number) => string | number>> = {
  whole: (i) => i,
  small: (i) => i,
  big: (i) => i,
  amount: (i) => i + 0.5,
  ratio: (i) => i + 0.25,
  single: (i) => i + 0.5,
  d: day,
  at: (i) => `${day(i)}T00:00:00`,
  instant: (i) => `${day(i)}T00:00:00Z`,
  id: uuid,
};

const ENGINES = [
  {
    name: 'postgres',
    open: openPostgresEngine,
    columns: Object.keys(VALUES),
    table: `CREATE TABLE indexed AS SELECT i AS whole, i::smallint AS small, i::bigint AS big, (i + 0.5)::numeric(12,2) AS amount,
      i + 0.25::float8 AS ratio, (i + 0.5)::real AS single, date '2000-01-01' + i AS d, timestamp '2000-01-01' + i * interval '1 day' AS at,
      timestamptz '2000-01-01 00:00:00Z' + i * interval '24 hours' AS instant,
      ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid AS id FROM generate_series(1, 30000) i`,
    analyze: 'ANALYZE indexed',
    usesIndex: (plan: string) => /Index|Bitmap/.test(plan) && !/Seq Scan/.test(plan),
  },
  {
    name: 'mysql',
    open: openMariadbEngine,
    columns: ['whole', 'small', 'big', 'amount', 'ratio', 'd', 'at'],
    table: `CREATE TABLE indexed (whole int, small smallint unsigned, big bigint, amount decimal(12,2), ratio double, d date, at datetime)
      SELECT seq AS whole, seq AS small, seq AS big, seq + 0.5 AS amount, seq + 0.25E0 AS ratio, date '2000-01-01' + INTERVAL seq DAY AS d,
      timestamp '2000-01-01 00:00:00' + INTERVAL seq DAY AS at FROM seq_1_to_30000`,
    analyze: 'ANALYZE TABLE indexed',
    usesIndex: (plan: string) => /\bby_/.test(plan),
  },
] as const;

describe.each(ENGINES)('filters of $name use an index', ({ open, columns, table, analyze, usesIndex }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
    await engine.load([
      table,
      ...columns.map((name) => `CREATE INDEX by_${name} ON indexed (${name})`),
      analyze,
    ]);
  }, 60_000);
  afterAll(() => engine[Symbol.asyncDispose]());

  async function planOf(where: Filter): Promise<string> {
    const signal = AbortSignal.timeout(60_000);
    const scope = {
      columns: columnsByName(await engine.driver!.columns({ name: 'indexed' }, signal)),
      dialect: engine.dialect,
      timezone: 'UTC',
      weekStart: 'monday' as const,
      nowMs: 0,
      ranges: [],
    };
    const spec = parse(QuerySpec, { from: { dataset: 'indexed' }, measures: [{ agg: 'count' }], where });
    const { text, params } = render(compileSpec(spec, raw('indexed'), scope).statement, engine.dialect);
    const lines: string[] = [];
    const rows = engine.driver!.run({ text: `EXPLAIN ${text}`, params }, { signal, timeoutMs: 60_000 });
    for await (const { columns: data, count } of rows)
      for (let i = 0; i < count; i++) lines.push(data.map(({ texts }) => texts[i] ?? '').join(' '));
    return lines.join('\n');
  }

  test.each(columns.map((name) => [name]))('on %s', async (field) => {
    const of = VALUES[field]!;
    const filters: Filter[] = [
      { field, op: 'eq', value: of(500) },
      { field, op: 'gt', value: of(29_900) },
      { field, op: 'in', values: many(5, of) },
      { field, op: 'in', values: many(30, of) },
      { field, op: 'in', values: many(150, of) },
      { field, op: 'between', values: [of(100), of(200)] },
    ];
    const without: string[] = [];
    for (const where of filters) {
      const plan = await planOf(where);
      if (!usesIndex(plan)) without.push(`${JSON.stringify(where)}: ${plan}`);
    }
    expect(without).toEqual([]);
  });
});
