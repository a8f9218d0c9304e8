import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { Glob } from 'bun';
import { ROOT } from '../../deploy/sources.ts';
import { FAULT_POINTS } from '../../src/base/fault-point.ts';
import { Shipped } from './shipped.ts';

let shipped: Shipped;
beforeAll(() => {
  shipped = new Shipped();
}, 120_000);
afterAll(() => shipped[Symbol.asyncDispose]());

/** Points that every candidate passes within seconds of its start. */
const PASSED = ['lease.taken', 'renew.before', 'renew.after', 'collect.listed', 'collect.removed'] as const;
const NAMES = ['FAULT', 'FAULTS', 'FAULT_POINT', 'FAULT_POINTS', 'ARMS', 'CHAOS', 'KILL_AT'];

test('what starts the program knows no fault points', async () => {
  const files = [
    'src/main.ts',
    ...new Glob('src/cli/**/*.ts').scanSync(ROOT),
    ...new Glob('deploy/*.ts').scanSync(ROOT),
  ];
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) {
    const text = await Bun.file(join(ROOT, file)).text();
    expect(`${file}: ${/fault-point|FaultPoint|\bfaults[,:?]\s/.exec(text)?.[0] ?? 'no'}`).toBe(
      `${file}: no`,
    );
  }
});

test('no variable of the environment ends the program at a fault point', async () => {
  expect(FAULT_POINTS).toEqual(expect.arrayContaining([...PASSED]));
  const env = Object.fromEntries(NAMES.map((name) => [name, FAULT_POINTS.join(',')]));
  const { url, log, kill, ended } = await shipped.serve({ ...env, RUN_SCHEDULER: '1', LEASE_SECONDS: '2' });
  const role = async () => ((await (await fetch(`${url}/api/healthz`)).json()) as { role: string }).role;
  while ((await role()) !== 'leader') await Bun.sleep(50);
  // It leads for longer than its lease lasts: it has renewed it.
  const from = performance.now();
  while (performance.now() - from < 2500) {
    expect(await role()).toBe('leader');
    await Bun.sleep(250);
  }
  kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(log()).not.toContain('"event":"fault"');
}, 60_000);
