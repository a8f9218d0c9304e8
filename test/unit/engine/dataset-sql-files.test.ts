import { expect, test } from 'bun:test';
import type { DatasetSource } from '../../../src/domain/dataset.ts';
import { Sources } from '../../../src/engine/sources.ts';
import { zoneTable } from '../../../src/sql/dialects/zone-table.ts';
import { checkSelect } from '../../../src/sql/gate/check-select.ts';
import { loadParser } from '../../../src/sql/gate/parser.ts';

await loadParser();

const DATASETS: DatasetSource[] = ['orders', 'customers', 'Orders', 'secret', 'x'].map((name) => ({
  id: `dst_${name}`,
  name,
  generation: 1,
  columns: [{ name: 'region', type: 'text' }],
  files: [`/data/${name}/1.parquet`, `/data/${name}/2.parquet`],
  publishedAt: '2025-01-01T00:00:00Z',
}));

const sources = new Sources(
  {
    columns: () => Promise.reject(new Error('no database is asked')),
    forgetColumns: () => undefined,
    describe: () => Promise.reject(new Error('no database is asked')),
    check: async (text, engine, { tables }) =>
      checkSelect(text, engine, {
        allowedTables: ({ catalog, schema, name }) => !catalog && !schema && tables!.includes(name),
      }),
  },
  zoneTable(),
);

async function filesOf(sql: string): Promise<string[]> {
  const options = {
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: 0,
    timeoutMs: 1000,
    caps: { rows: 10, bytes: 1000, cells: 10, exportRows: 10 },
    expressionLimits: { maxBytes: 100, maxDepth: 10, maxValueBytes: 1000 },
  } as const;
  const plan = await sources.sqlOverDatasets(
    { sql },
    DATASETS,
    'json',
    options,
    new AbortController().signal,
  );
  return [...new Set(plan.subject.files.map((file) => file.split('/')[2]!))];
}

test.each<[string, string[]]>([
  ['select 1', []],
  ['select * from orders', ['orders']],
  ['select * from orders join customers using (region)', ['orders', 'customers']],
  ['pivot orders on region', ['orders']],
  ['select * from (unpivot customers on region)', ['customers']],
  ['with orders as (select * from customers) select * from orders', ['customers']],
  ['with x as (select 1 as region) pivot x on region', []],
  ['with x as (select 1 as region) select * from x, secret', ['secret']],
  ['select * from (with x as (select 1) select * from x) a, x', ['x']],
  ['select * from "Orders"', ['Orders']],
  ['select orders.region as secret from orders', ['orders']],
  ["select 'secret' as customers from orders where region in (select region from x)", ['orders', 'x']],
  ['select count(*) from orders where exists (from customers)', ['orders', 'customers']],
])('a statement has the files of the datasets that it names, and no other: %s', async (sql, names) => {
  expect((await filesOf(sql)).toSorted()).toEqual(names.toSorted());
});

test('two datasets that DuckDB could not tell apart are refused', async () => {
  const error = await filesOf('select 1 from orders a, "Orders" b').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'query.ambiguous', params: { names: ['orders', 'Orders'] } });
});
