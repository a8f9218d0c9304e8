import { Database } from 'bun:sqlite';
import { writeSync } from 'node:fs';
import postgres from 'postgres';
import { systemClock } from '../../src/base/clock.ts';
import type { FaultPoint } from '../../src/base/fault-point.ts';
import { readConfig } from '../../src/config.ts';
import { startService } from '../../src/service.ts';
import { isMetadataUrl, parseMetadataUrl } from '../../src/store/postgres/address.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { work, workTarget } from '../support/jobs/work.ts';
import type { Arms, Order } from './orders.ts';

/**
 * The whole service as a process that does itself harm when told to: it is killed, is stopped, or waits at the n-th time that it comes to a point.
 * Orders come in by standard input, a line each; it tells of itself, and its log, by standard output.
 */
const settings = JSON.parse(process.argv[2]!) as { env: Record<string, string>; arms?: Arms };
// Shorter than a setting may be: who takes over waits for it.
const { LEASE_SECONDS = '2', ...env } = settings.env;
const config = { ...readConfig(env), LEASE_SECONDS: Number(LEASE_SECONDS) };
/** By hand, and at once: what was said before a kill must have been said. */
const say = (event: object) => writeSync(1, `${JSON.stringify(event)}\n`);

let arms = settings.arms;
let offsetMs = 0;
let goOn: (() => void) | undefined;

const isOnServer = isMetadataUrl(config.METADATA_DB_PATH);
/** What the sessions of this process are called. */
const sessions = `chaos-${process.pid}`;
if (isOnServer) config.METADATA_DB_PATH += `&application_name=${sessions}`;

/** Stops where no session of this process is in a transaction, which would hold the lock until the server ends it. */
async function stopBesideServer(): Promise<void> {
  const { host, port, user, password, database } = parseMetadataUrl(config.METADATA_DB_PATH).settings;
  const sql = postgres({
    host,
    port,
    user,
    password,
    database,
    max: 1,
    ssl: false,
  } as postgres.Options<Record<string, never>>);
  for (;;) {
    const open = await sql`
      select pid from pg_stat_activity where application_name = ${sessions} and xact_start is not null`;
    if (open.length === 0) break;
  }
  process.kill(process.pid, 'SIGSTOP');
  await sql.end();
}

/** Stops where nobody in this process holds SQLite's lock, which would outlast the stop. */
async function stopBesideFile(): Promise<void> {
  using file = new Database(config.METADATA_DB_PATH);
  for (;;) {
    try {
      file.run('BEGIN IMMEDIATE');
      file.run('ROLLBACK');
      process.kill(process.pid, 'SIGSTOP');
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function reach(point: FaultPoint): Promise<void> {
  if (arms?.point !== point || --arms.times > 0) return;
  const { how } = arms;
  arms = undefined;
  say({ event: 'fault', point, how });
  if (how === 'kill') process.kill(process.pid, 'SIGKILL');
  else if (how === 'stop') await (isOnServer ? stopBesideServer() : stopBesideFile());
  else await new Promise<void>((resolve) => (goOn = resolve));
}

const service = await startService({
  ...{ config, version: 'test', demo: false, jobs: [work], targets: [workTarget], faults: { reach } },
  log: createLog('info', (line) => writeSync(1, line)),
  clock: { now: () => systemClock.now() + offsetMs },
});
say({ event: 'ready', url: service.url });

function obey(order: Order): void {
  if ('arms' in order) arms = order.arms ?? undefined;
  else if ('clockMs' in order) offsetMs = order.clockMs;
  else goOn?.();
}

process.on('SIGTERM', async () => {
  await service.stop(10_000);
  process.exit(0);
});

let rest = '';
const decoder = new TextDecoder();
for await (const chunk of Bun.stdin.stream()) {
  const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
  rest = lines.pop()!;
  for (const line of lines) {
    obey(JSON.parse(line) as Order);
    say({ event: 'obeyed' });
  }
}
