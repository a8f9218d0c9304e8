import postgres from 'postgres';
import { openPostgres } from '../../src/drivers/postgres/driver.ts';
import { raw } from '../../src/sql/ast.ts';
import { duckdb } from '../../src/sql/dialects/duckdb.ts';
import { dialectFor } from '../../src/sql/dialects/for-engine.ts';
import { zoneTable } from '../../src/sql/dialects/zone-table.ts';
import { compileRemotePivot } from '../../src/sql/pivot.ts';
import { columnsByName, type Scope } from '../../src/sql/scope.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { COLUMNS } from './orders.ts';
import { PIVOTS } from './pivots.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { inTurn, median, quantile, rounded, timed } from './statistics.ts';

export interface SourceResult {
  rows: number;
  pivots: { pivot: string; bareMs: number; httpMs: number; ratio: number }[];
  streaming: { bareRowsPerSecond: number; rowsPerSecond: number; ratio: number };
  clients: { clients: number; pool: number; answered: number; seconds: number; p95Ms: number };
}

const TABLE = `CREATE TABLE orders AS SELECT
  'region ' || (i * 7 % 12) AS region, 'product ' || (i * 31 % 500) AS product, (i * 13 % 50000)::bigint AS customer,
  'channel ' || (i * 3 % 6) AS channel, DATE '2023-01-01' + (i * 7 % 1096)::integer AS ordered_on,
  (1 + i * 5 % 20)::bigint AS quantity, ((i * 11 % 1000000) / 100.0)::numeric(18, 2) AS amount
  FROM generate_series(0, $ROWS) AS t (i)`;

const settingsOf = ({ host, port, user, password, database }: TestServer) => ({
  host,
  port,
  user,
  password,
  database,
});

function fetchesOf(pivot: string): { text: string }[] {
  const scope = (dialect: Scope['dialect']): Scope => ({
    columns: columnsByName(COLUMNS),
    dialect,
    timezone: 'UTC',
    weekStart: 'monday',
    nowMs: Date.now(),
    ranges: [],
  });
  const remote = { source: raw('"orders"'), finish: <T>(statement: T) => statement };
  const postgresDialect = dialectFor('postgres', { textComparison: 'exact', zones: zoneTable() });
  return compileRemotePivot(PIVOTS[pivot]!, remote, scope(postgresDialect), scope(duckdb)).fetches.map(
    ({ statement }) => statement,
  );
}

async function ask(service: ServiceProcess, pivot: string): Promise<void> {
  const spec = { ...PIVOTS[pivot], from: { datasource: 'shop', table: 'orders' } };
  const answer = await fetch(`${service.url}/api/query/pivot`, {
    method: 'POST',
    headers: service.headers,
    body: JSON.stringify(spec),
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
}

async function streaming(
  server: TestServer,
  bare: postgres.Sql,
  rounds: number,
  rows: number,
): Promise<SourceResult['streaming']> {
  const text = 'SELECT region, product, customer, ordered_on, quantity, amount FROM orders';
  await using driver = openPostgres(
    { ...settingsOf(server), tls: { mode: 'off' } },
    { applicationName: 'bench', onPoolEvent: () => undefined },
  );
  const times = await inTurn(rounds, {
    bare: () => bare.unsafe(text).cursor(2000, () => undefined),
    async ours() {
      for await (const _ of driver.run(
        { text, params: [] },
        { signal: AbortSignal.timeout(120_000), timeoutMs: 120_000 },
      ));
    },
  });
  const [bareMs, oursMs] = [median(times.bare!), median(times.ours!)];
  return {
    bareRowsPerSecond: Math.round((rows / bareMs) * 1000),
    rowsPerSecond: Math.round((rows / oursMs) * 1000),
    ratio: rounded(bareMs / oursMs),
  };
}

async function manyClients(service: ServiceProcess, clients: number): Promise<SourceResult['clients']> {
  const times: number[] = [];
  const ms = await timed(() =>
    Promise.all(
      Array.from({ length: clients }, async (_, i) => {
        const body = {
          datasource: 'shop',
          sql: 'SELECT count(*) AS n FROM orders WHERE customer = :customer',
          params: { customer: i },
        };
        const took = await timed(async () => {
          const answer = await fetch(`${service.url}/api/query`, {
            method: 'POST',
            headers: service.headers,
            body: JSON.stringify(body),
          });
          if (!answer.ok) throw new Error(await answer.text());
          await answer.arrayBuffer();
        });
        times.push(took);
      }),
    ),
  );
  return {
    clients,
    pool: 10,
    answered: times.length,
    seconds: rounded(ms / 1000),
    p95Ms: rounded(quantile(times, 0.95), 0),
  };
}

/** Pivots over PostgreSQL against their statements in the bare driver, streaming against it, and many clients over few connections. */
export async function benchSource(
  command: string[] | undefined,
  rows: number,
  rounds: number,
): Promise<SourceResult> {
  await using server = await startPostgres();
  server.admin(TABLE.replace('$ROWS', String(rows - 1)), server.database);
  server.admin('CREATE INDEX ON orders (customer); ANALYZE orders', server.database);
  await using service = await startService(command, {
    HEAVY_QUERY_CONCURRENCY: '64',
    HEAVY_QUERY_QUEUE: '1000',
    USER_QUERY_CONCURRENCY: '1000',
    HEAVY_QUERY_WAIT_SECONDS: '120',
  });
  const { host, port, user, password, database } = server;
  const made = await fetch(`${service.url}/api/datasources`, {
    method: 'POST',
    headers: service.headers,
    body: JSON.stringify({
      name: 'shop',
      type: 'postgres',
      settings: { host, port, user, password, database, pool: { size: 10, maxOverflow: 0, timeoutS: 60 } },
    }),
  });
  if (!made.ok) throw new Error(await made.text());
  const bare = postgres({ host, port, user, password, database, max: 1 });
  const pivots: SourceResult['pivots'] = [];
  for (const pivot of ['small', 'large', 'five groups, five measures']) {
    const fetches = fetchesOf(pivot);
    const times = await inTurn(rounds, {
      async bare() {
        for (const { text } of fetches) await bare.unsafe(text);
      },
      http: () => ask(service, pivot),
    });
    const [bareMs, httpMs] = [median(times.bare!), median(times.http!)];
    pivots.push({ pivot, bareMs: rounded(bareMs), httpMs: rounded(httpMs), ratio: rounded(httpMs / bareMs) });
  }
  const result = {
    rows,
    pivots,
    streaming: await streaming(server, bare, rounds, rows),
    clients: await manyClients(service, 500),
  };
  await bare.end();
  return result;
}
