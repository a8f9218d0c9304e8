import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { NO_FAULTS } from '../../../src/base/fault-point.ts';
import { FireSchedules } from '../../../src/jobs/fire-schedules.ts';
import { Leadership } from '../../../src/jobs/leadership.ts';
import { LostRuns } from '../../../src/jobs/lost-runs.ts';
import { Audit } from '../../../src/services/audit.ts';
import { Runs } from '../../../src/services/runs.ts';
import { Schedules } from '../../../src/services/schedules.ts';
import type { Store } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { aRun, NOBODY, openMetadata } from '../../support/jobs/processes.ts';
import { workTarget } from '../../support/jobs/work.ts';

const NOW = Date.parse('2026-05-04T09:59:30Z');
const LEASE_MS = 10_000;
const unreachable = () => new AppError('storage.unreachable', 'The server is gone', { retryAfterS: 5 });

/** Metadata that can go away, and a steady time that is moved. */
async function open(stack: AsyncDisposableStack) {
  const { store } = stack.use(await openMetadata());
  const state = { isAway: false, ms: 0, day: NOW };
  const mayBeAway = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name, receiver) {
        const found = Reflect.get(target, name, receiver);
        if (typeof found === 'object' && found !== null) return mayBeAway(found);
        if (typeof found !== 'function') return found;
        return async (...given: unknown[]) => {
          if (state.isAway) throw unreachable();
          return found.apply(target, given);
        };
      },
    });
  const common = {
    ...{ store: mayBeAway(store) as Store, clock: { now: () => state.day }, steady: { now: () => state.ms } },
    ...{ log: silentLog, metrics: createMetrics(), leaseMs: LEASE_MS, faults: NO_FAULTS },
  };
  return { store, state, common };
}

test('the leader is still the leader when the metadata comes back, whichever process looks first', async () => {
  await using stack = new AsyncDisposableStack();
  const { store, state, common } = await open(stack);
  const [one, two] = ['one', 'two'].map(
    (processName) => new Leadership({ ...common, processName, isCandidate: true }),
  ) as [Leadership, Leadership];
  const pass = async (ms: number, ...alive: Leadership[]) => {
    for (let i = 0; i < ms; i += 2000) {
      state.ms += 2000;
      for (const each of alive)
        await each.tick().catch((error) => expect(error.code).toBe('storage.unreachable'));
    }
  };
  await pass(2000, one, two);
  state.isAway = true;
  await pass(120_000, two, one);
  expect(one.role).toBe('standby');
  state.isAway = false;
  await pass(4000, two, one);
  expect([one.role, two.role]).toEqual(['leader', 'standby']);
  expect((await store.leases.get('scheduler'))?.token).toBe(1);
  // One that died meanwhile, or does now, is taken for dead after the lease time.
  await pass(LEASE_MS + 2000, two);
  expect([one.role, two.role]).toEqual(['standby', 'leader']);
});

test('runs are not taken for lost because the metadata was away; those that are lost are', async () => {
  await using stack = new AsyncDisposableStack();
  const { store, state, common } = await open(stack);
  const held = (await store.leases.take('scheduler', 'me', undefined, 'now'))!;
  const lost = new LostRuns({ ...common, maxLosses: 5 });
  await store.runs.insert('run_1', aRun('work'), 'now');
  const [claimed] = await store.runClaims.claim({ kinds: ['work'], by: 'p', at: 'now', most: 1 });
  const look = async (ms: number) => {
    for (let i = 0; i < ms; i += 500) {
      state.ms += 500;
      await lost.requeue(held).catch((error) => expect(error.code).toBe('storage.unreachable'));
    }
    return (await store.runs.byId('run_1'))?.state;
  };
  expect(await look(2000)).toBe('running');
  state.isAway = true;
  expect(await look(120_000)).toBe('running');
  state.isAway = false;
  expect(await look(500)).toBe('running');
  await store.runClaims.beat([claimed!.claim]);
  expect(await look(LEASE_MS - 500)).toBe('running');
  expect(await look(1500)).toBe('queued');
});

test('a schedule is fired as soon as the metadata is back', async () => {
  await using stack = new AsyncDisposableStack();
  const { store, state, common } = await open(stack);
  const audit = new Audit(store, common.clock);
  const runs = new Runs({ store, audit, clock: common.clock });
  const schedules = new Schedules({
    ...{ store, audit, clock: common.clock, runs, targets: [workTarget], defaultTimezone: 'UTC' },
  });
  const held = (await store.leases.take('scheduler', 'me', undefined, 'now'))!;
  const { id } = await schedules.create(
    { name: 's', cron: '*/10 * * * *', job: { kind: 'work', ms: 0 } },
    NOBODY,
  );
  const rule = { missedAfterMs: 60_000, most: 5 };
  let goesAway = true;
  /** The metadata goes away between the look for what is due and the fire. */
  const workOf: Schedules['workOf'] = async (definition) => {
    const work = await schedules.workOf(definition);
    state.isAway = goesAway;
    return work;
  };
  const fires = new FireSchedules({ ...common, runs, schedules: { workOf }, rule });
  state.day += 60_000;
  await expect(fires.fire(held)).rejects.toMatchObject({ code: 'storage.unreachable' });
  state.isAway = goesAway = false;
  await fires.fire(held);
  expect((await store.schedules.fires(id, 10)).map(({ outcome }) => outcome)).toEqual(['run']);
});
