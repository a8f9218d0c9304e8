import { afterAll, beforeAll, expect, test } from 'bun:test';
import { copyFileSync, renameSync } from 'node:fs';
import { isAlive, load } from '../processes/cluster.ts';
import { until } from '../support/service-kit.ts';
import { type Running, Shipped } from './shipped.ts';

let shipped: Shipped;
let two: Running;
beforeAll(async () => {
  shipped = new Shipped();
  two = await shipped.serve({ WEB_CONCURRENCY: '2', GRACEFUL_TIMEOUT: '2' });
  await until(() => count('supervisor.started') === 1);
}, 120_000);
afterAll(() => shipped[Symbol.asyncDispose](), 60_000);

const of = (event: string) => two.events().filter((each) => each.event === event);
const count = (event: string) => of(event).length;
const health = async () =>
  (await fetch(`${two.url}/api/healthz`, { headers: { connection: 'close' } })).status;

test('two processes answer on one port and are replaced by a reload', async () => {
  expect(await health()).toBe(200);
  two.kill('SIGHUP');
  await until(() => count('supervisor.reloaded') === 1);
  expect(count('process.ready')).toBe(4);
  expect(await health()).toBe(200);
});

test('a new file in its place takes over under load without a failed request', async () => {
  renameSync(shipped.program, `${shipped.program}.before`);
  copyFileSync(`${shipped.program}.before`, shipped.program);
  const clients = load(two.url);
  await until(() => clients.answered() > 50);
  two.kill('SIGHUP');
  expect(await two.ended).toBe(0);
  const answered = clients.answered();
  await until(() => clients.answered() > answered + 50);
  await clients.end();
  expect(clients.failures).toEqual([]);
  const next = Number(of('supervisor.succeeded')[0]!.child);
  process.kill(next, 'SIGTERM');
  await until(() => of('process.ready').every(({ child }) => !isAlive(Number(child))));
  await until(() => !isAlive(next));
  await expect(health()).rejects.toThrow();
}, 60_000);
