import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOrders } from './orders.ts';
import { PIVOTS } from './pivots.ts';
import { answersPerSecond } from './raw-client.ts';
import { type ServiceProcess, startService, uploadParquet } from './service-process.ts';
import { inTurn, median, quantile, rounded, timed } from './statistics.ts';

/*
 * What engine processes cost: the same requests to two programs in one run, such as this build and the one before it. Times are
 * milliseconds, memory is MiB.
 */

export interface Contender {
  idleMiB: number;
  smallMs: number;
  largeMs: number;
  sqlMs: number;
  cachedPerSecond: number;
  healthP99Ms: number;
}

export interface IsolationResult {
  one: Contender;
  other: Contender | undefined;
}

const ROWS = 400_000;
const FRESH = { 'cache-control': 'no-cache' };

async function post(service: ServiceProcess, path: string, body: unknown, more = {}): Promise<number> {
  const answer = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { ...service.headers, ...more },
    body: JSON.stringify(body),
  });
  const bytes = await answer.arrayBuffer();
  if (!answer.ok) throw new Error(new TextDecoder().decode(bytes));
  return bytes.byteLength;
}

/** Health answers while four heavy pivots run. */
async function healthUnderLoad(service: ServiceProcess): Promise<number> {
  const times: number[] = [];
  let running = 4;
  const pivots = Array.from({ length: running }, async (_, i) => {
    const where = { field: 'quantity', op: 'ne', value: 100 + i };
    await post(service, '/api/query/pivot', { ...PIVOTS.large, where }, FRESH);
    running--;
  });
  while (running > 0) times.push(await timed(async () => (await fetch(`${service.url}/api/healthz`)).text()));
  await Promise.all(pivots);
  return quantile(times, 0.99);
}

/** `commands` are one program, or two that are asked in turn. */
export async function benchIsolation(
  commands: readonly (string[] | undefined)[],
  rounds: number,
): Promise<IsolationResult> {
  const file = join(tmpdir(), `reporting-bench-${process.pid}.parquet`);
  await writeOrders(file, ROWS);
  await using stack = new AsyncDisposableStack();
  const services: ServiceProcess[] = [];
  for (const command of commands) services.push(stack.use(await startService(command)));
  const idle = await Promise.all(services.map((service) => service.rssBytes()));
  for (const service of services) await uploadParquet(service, 'orders', file);
  await rm(file);

  const each = (ask: (service: ServiceProcess) => Promise<unknown>) =>
    inTurn(rounds, Object.fromEntries(services.map((service, i) => [i, () => ask(service)])));
  const from = { dataset: 'orders' };
  const small = { from, dimensions: ['region'], measures: [{ agg: 'sum', field: 'amount', as: 'revenue' }] };
  const smallTimes = await each((service) => post(service, '/api/query/spec', small, FRESH));
  const sql = { sql: 'select region, count(*) as n from orders group by 1' };
  const sqlTimes = await each((service) => post(service, '/api/query', sql, FRESH));
  const rows = { sql: 'select * from orders limit 150000' };
  const largeTimes = await each((service) => post(service, '/api/query?format=csv', rows, FRESH));
  const results: Contender[] = [];
  for (const [i, service] of services.entries()) {
    const init = { method: 'POST', headers: service.headers, body: JSON.stringify(PIVOTS.small) };
    const url = `${service.url}/api/query/pivot`;
    await (await fetch(url, init)).text();
    results.push({
      idleMiB: rounded(idle[i]! / 2 ** 20, 0),
      smallMs: rounded(median(smallTimes[i]!)),
      sqlMs: rounded(median(sqlTimes[i]!)),
      largeMs: rounded(median(largeTimes[i]!)),
      cachedPerSecond: rounded(await answersPerSecond(url, init, 16, 2), 0),
      healthP99Ms: rounded(await healthUnderLoad(service)),
    });
  }
  return { one: results[0]!, other: results[1] };
}
