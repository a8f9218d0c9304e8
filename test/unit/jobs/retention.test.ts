import { expect, test } from 'bun:test';
import { NO_FAULTS } from '../../../src/base/fault-point.ts';
import { FireSchedules } from '../../../src/jobs/fire-schedules.ts';
import { Leadership } from '../../../src/jobs/leadership.ts';
import { LostRuns } from '../../../src/jobs/lost-runs.ts';
import { Scheduler } from '../../../src/jobs/scheduler.ts';
import { Audit } from '../../../src/services/audit.ts';
import { Runs } from '../../../src/services/runs.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { aRun, openMetadata } from '../../support/jobs/processes.ts';
import { until } from '../../support/service-kit.ts';

const NOW = Date.parse('2026-05-31T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000).toISOString();
const line = { at: daysAgo(0), level: 'info' as const, text: 'a line', facts: null };
const progress = { phase: null, rows: null, bytes: null, expectedRows: null };

test('the leader removes runs, their logs and fires that are older than is kept', async () => {
  await using metadata = await openMetadata();
  const { store } = metadata;
  const clock = { now: () => NOW };
  const metrics = createMetrics();
  for (const [id, days] of [
    ['run_old', 31],
    ['run_new', 29],
  ] as const) {
    await store.runs.insert(id, aRun('work'), daysAgo(days));
    const [claimed] = await store.runClaims.claim({ kinds: ['work'], by: 'p', at: daysAgo(days), most: 1 });
    await store.runClaims.note(claimed!.claim, { progress, lines: [line] }, 10);
    await store.runClaims.succeed(claimed!.claim, {}, daysAgo(days));
  }
  await store.runs.insert('run_waiting', aRun('work'), daysAgo(99));
  const common = { store, clock, log: silentLog, metrics };
  const leaseMs = 2000;
  const leadership = new Leadership({
    ...{ ...common, steady: clock, processName: 'me', leaseMs, isCandidate: true, faults: NO_FAULTS },
  });
  await until(async () => {
    await leadership.tick();
    return leadership.held !== undefined;
  });
  const runs = new Runs({ store, clock, audit: new Audit(store, clock) });
  const scheduler = new Scheduler({
    ...{ ...common, leadership, leaseMs, keepDays: 30 },
    fires: new FireSchedules({
      ...{ ...common, runs, faults: NO_FAULTS, rule: { missedAfterMs: 60_000, most: 1 } },
      schedules: { workOf: () => Promise.reject(new Error('there is no schedule')) },
    }),
    lost: new LostRuns({ ...common, steady: clock, leaseMs, maxLosses: 1, faults: NO_FAULTS }),
  });
  scheduler.start();
  await until(async () => (await store.runs.byId('run_old')) === undefined);
  await scheduler.stop();
  expect((await store.runs.list({}, 10)).map(({ id }) => id)).toEqual(['run_waiting', 'run_new']);
  expect(await store.runs.log('run_old', 10)).toEqual([]);
  expect((await store.runs.log('run_new', 10)).map(({ text }) => text)).toEqual(['a line']);
});
