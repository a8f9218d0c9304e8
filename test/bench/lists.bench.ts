import { createConnection } from 'mysql2/promise';
import postgres from 'postgres';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { inTurn, median, rounded } from './statistics.ts';

export interface ListResult {
  engine: string;
  filter: string;
  rows: number;
  bareMs: number;
  httpMs: number;
  /** How many times as long as the same filter with literals on an open connection. */
  ratio: number;
}

interface Bench {
  engine: 'postgres' | 'mysql';
  start(): Promise<TestServer>;
  tables(rows: number): string;
  bare(server: TestServer): Promise<{ run(text: string): Promise<unknown>; end(): Promise<unknown> }>;
}

const BENCHES: Bench[] = [
  {
    engine: 'postgres',
    start: startPostgres,
    tables: (rows) =>
      `CREATE TABLE sales AS SELECT i::integer AS id, date '2020-01-01' + (i % 2000) AS d,
      timestamp '2020-01-01' + (i % 2000) * interval '1 day 1 minute' AS at FROM generate_series(1, ${rows}) i;
      ANALYZE sales`,
    async bare({ host, port, user, password, database }) {
      const sql = postgres({ host, port, user, password, database, max: 1 });
      return { run: (text) => sql.unsafe(text), end: () => sql.end() };
    },
  },
  {
    engine: 'mysql',
    start: startMariadb,
    tables: (rows) =>
      `CREATE TABLE sales (id integer, d date, at datetime) SELECT seq AS id, date '2020-01-01' + INTERVAL (seq % 2000) DAY AS d,
      timestamp '2020-01-01 00:00:00' + INTERVAL (seq % 2000) * 1441 MINUTE AS at FROM seq_1_to_${rows}; ANALYZE TABLE sales`,
    async bare({ host, port, user, password, database }) {
      const connection = await createConnection({ host, port, user, password, database });
      return { run: (text) => connection.query(text), end: () => connection.end() };
    },
  },
];

const day = (i: number) => new Date(Date.UTC(2021, 0, 1 + i)).toISOString().slice(0, 10);
const many = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i));
const literal = (value: string | number) => (typeof value === 'string' ? `'${value}'` : String(value));

const FILTERS: {
  filter: string;
  field: string;
  values: (string | number)[];
  bare?(values: readonly unknown[]): string;
}[] = [
  { filter: '31 dates', field: 'd', values: many(31, day) },
  { filter: '365 dates', field: 'd', values: many(365, day) },
  { filter: '5,000 integers', field: 'id', values: many(5000, (i) => i * 60) },
  {
    filter: '365 days of timestamps',
    field: 'at',
    values: many(365, day),
    bare: (values) => `CAST(at AS date) IN (${values.map((value) => `'${value}'`).join(', ')})`,
  },
];

async function ask(service: ServiceProcess, field: string, values: unknown[]): Promise<void> {
  const answer = await fetch(`${service.url}/api/query/spec`, {
    method: 'POST',
    headers: service.headers,
    body: JSON.stringify({
      from: { datasource: 'shop', table: 'sales' },
      measures: [{ agg: 'count' }],
      where: { field, op: 'in', values },
    }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
}

async function benchEngine(
  { engine, start, tables, bare }: Bench,
  command: string[] | undefined,
  rows: number,
  rounds: number,
): Promise<ListResult[]> {
  await using server = await start();
  server.admin(tables(rows), server.database);
  await using service = await startService(command);
  const { host, port, user, password, database } = server;
  const settings = { host, port, user, password, database };
  const made = await fetch(`${service.url}/api/datasources`, {
    method: 'POST',
    headers: service.headers,
    body: JSON.stringify({ name: 'shop', type: engine, settings }),
  });
  if (!made.ok) throw new Error(await made.text());
  const client = await bare(server);
  const results: ListResult[] = [];
  for (const { filter, field, values, bare: condition } of FILTERS) {
    const where = condition?.(values) ?? `${field} IN (${values.map(literal).join(', ')})`;
    const times = await inTurn(rounds, {
      bare: () => client.run(`SELECT count(*) FROM sales WHERE ${where}`),
      http: () => ask(service, field, values),
    });
    const [bareMs, httpMs] = [median(times.bare!), median(times.http!)];
    results.push({
      ...{ engine, filter, rows },
      ...{ bareMs: rounded(bareMs), httpMs: rounded(httpMs), ratio: rounded(httpMs / bareMs) },
    });
  }
  await client.end();
  return results;
}

/** Long lists of dates and numbers over databases, against the same list as literals in the bare driver. */
export async function benchLists(
  command: string[] | undefined,
  rows: number,
  rounds: number,
): Promise<ListResult[]> {
  const results: ListResult[] = [];
  for (const bench of BENCHES) results.push(...(await benchEngine(bench, command, rows, rounds)));
  return results;
}
