import { expect, test } from 'bun:test';
import { NO_FAULTS } from '../../../src/base/fault-point.ts';
import { PLAIN_CALENDAR } from '../../../src/domain/calendar.ts';
import type { ScheduleDefinition, ScheduleInput } from '../../../src/domain/schedule.ts';
import { FireSchedules } from '../../../src/jobs/fire-schedules.ts';
import { Leadership } from '../../../src/jobs/leadership.ts';
import { Audit } from '../../../src/services/audit.ts';
import { Calendars } from '../../../src/services/calendars.ts';
import { Runs } from '../../../src/services/runs.ts';
import { Schedules } from '../../../src/services/schedules.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { NOBODY, openMetadata } from '../../support/jobs/processes.ts';
import { workTarget } from '../../support/jobs/work.ts';

const START = Date.parse('2026-05-04T09:59:30Z');
const MINUTE = 60_000;

/** A leader whose clocks stand still until they are moved. */
async function leader(
  stack: AsyncDisposableStack,
  schedule: Partial<ScheduleInput>,
  isBroken: (definition: ScheduleDefinition) => boolean = () => false,
) {
  const { store } = stack.use(await openMetadata());
  const time = { ms: START };
  const clock = { now: () => time.ms };
  const audit = new Audit(store, clock);
  const runs = new Runs({ store, audit, clock });
  const targets = [workTarget];
  const schedules = new Schedules({ store, audit, clock, runs, targets, defaultTimezone: 'UTC' });
  const metrics = createMetrics();
  const rule = { missedAfterMs: MINUTE, most: 5 };
  const fires = new FireSchedules({
    store,
    runs,
    schedules: {
      async workOf(record) {
        if (isBroken(record.definition)) throw new Error('It cannot be told');
        return schedules.workOf(record);
      },
    },
    clock,
    log: silentLog,
    metrics,
    rule,
    faults: NO_FAULTS,
  });
  const held = (await store.leases.take('scheduler', 'me', undefined, 'now'))!;
  const { id } = await schedules.create(
    { name: 's', cron: '*/10 * * * *', job: { kind: 'work', ms: 0 }, ...schedule },
    NOBODY,
  );
  return {
    ...{ store, schedules, held, time, id, metrics },
    calendars: new Calendars({ store, audit, clock, schedules }),
    async at(minutes: number) {
      time.ms = START + minutes * MINUTE;
      await fires.fire(held);
      return (await store.schedules.fires(id, 50)).reverse();
    },
  };
}

const shortly = (fires: { instant: string; outcome: string; count: number }[]) =>
  fires.map(({ instant, outcome, count }) => `${instant.slice(11, 16)} ${outcome} ${count}`);

test('a clock set back an hour fires nothing twice, and goes on where it was', async () => {
  await using stack = new AsyncDisposableStack();
  const { at } = await leader(stack, { catchUp: 'all' });
  expect(shortly(await at(1))).toEqual(['10:00 run 1']);
  for (const minutes of [-59, -30, 0, 1, 5, 10]) expect(await at(minutes)).toHaveLength(1);
  expect(shortly(await at(11))).toEqual(['10:00 run 1', '10:10 run 1']);
});

test('an edit while the clock is set back does not bring back what was', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules, id } = await leader(stack, {});
  await at(1);
  await at(-59);
  const changed = await schedules.update(id, { cron: '*/5 * * * *' }, NOBODY);
  expect(changed.nextAt).toBe('2026-05-04T10:05:00.000Z');
});

const FORWARD: [catchUp: 'skip' | 'latest' | 'all', expected: string[]][] = [
  ['skip', ['10:00 run 1', '11:00 skipped 6', '11:10 run 1']],
  ['latest', ['10:00 run 1', '10:50 skipped 5', '11:00 run 1', '11:10 skipped 1']],
  [
    'all',
    [
      '10:00 run 1',
      '10:10 skipped 1',
      '10:20 run 1',
      '10:30 run 1',
      '10:40 run 1',
      '10:50 run 1',
      '11:00 run 1',
      '11:10 run 1',
    ],
  ],
];
test.each(FORWARD)('a clock set forward an hour follows catchUp: %s', async (catchUp, expected) => {
  await using stack = new AsyncDisposableStack();
  const { at, store, metrics } = await leader(stack, { catchUp });
  await at(1);
  for (const { id } of await store.runs.list({}, 10)) await store.runs.abort(id, 'now');
  await at(65);
  expect(shortly(await at(70.6))).toEqual(expected);
  const { values } = await metrics.limitsHit.get();
  const capped = values.find(({ labels }) => labels.limit === 'CATCH_UP_MAX')?.value;
  expect(capped).toBe(catchUp === 'all' ? 1 : 0);
});

test('a change, a pause and a calendar are in force at the next look; a token of before writes nothing', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules, calendars, store, held, id } = await leader(stack, { onHoliday: 'skip' });
  await schedules.update(id, { cron: '5 * * * *' }, NOBODY);
  expect(await at(1)).toEqual([]);
  await schedules.update(id, { enabled: false }, NOBODY);
  expect(await at(10)).toEqual([]);
  await schedules.update(id, { enabled: true }, NOBODY);
  const monday = { ...PLAIN_CALENDAR, name: 'c', isDefault: true, holidays: [{ date: '2026-05-04' }] };
  await calendars.create(monday, NOBODY);
  expect(await at(70)).toEqual([]);
  expect((await schedules.get(id)).nextAt).toBe('2026-05-05T00:05:00.000Z');
  const seen = await store.leases.get('scheduler');
  await store.leases.take('scheduler', 'another', seen, 'now');
  await expect(at(24 * 60)).rejects.toMatchObject({ code: 'run.fenced' });
  expect(await store.schedules.fires(id, 10)).toEqual([]);
  expect(held.token).toBe(1);
});

test('a late fire that comes into a blackout window runs at its end, and once', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, store, time } = await leader(stack, { blackout: [{ from: '10:05', to: '10:30' }] });
  expect(shortly(await at(7))).toEqual(['10:00 run 1']);
  const [run] = await store.runs.list({}, 10);
  const claim = () => {
    const now = new Date(time.ms).toISOString();
    return store.runClaims.claim({ kinds: ['work'], by: 'p', at: now, most: 9 });
  };
  expect(run!.state).toBe('queued');
  for (const minutes of [8, 20, 30]) {
    await at(minutes);
    expect(await claim()).toEqual([]);
  }
  expect(shortly(await at(30.6))).toEqual(['10:00 run 1', '10:30 skipped 1']);
  expect((await claim()).map(({ run: { id } }) => id)).toEqual([run!.id]);
  expect(shortly(await at(40.6)).at(-1)).toBe('10:40 run 1');
});

test('an instant that has come and is not fired yet outlives an edit and a change of calendars, unless the timing has it no more', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules, calendars, time, id } = await leader(stack, { cron: '0 * * * *', jitterS: 3600 });
  time.ms = START + MINUTE;
  await schedules.update(id, { catchUp: 'skip' }, NOBODY);
  await calendars.create({ ...PLAIN_CALENDAR, name: 'c', isDefault: true }, NOBODY);
  await schedules.update(id, { jitterS: 0 }, NOBODY);
  expect(shortly(await at(1))).toEqual(['10:00 run 1']);
  time.ms = START + 61 * MINUTE;
  await schedules.update(id, { cron: '30 * * * *' }, NOBODY);
  expect(shortly(await at(61))).toEqual(['10:00 run 1']);
  expect(shortly(await at(91))).toEqual(['10:00 run 1', '11:30 skipped 1']);
});

const NIGHT = [{ from: '10:00', to: '10:30' }];
const nextAt = '2026-05-04T10:30:00.000Z';

test('a time that a blackout window put off outlives an edit and a change of calendars inside of it', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules, calendars, time, id } = await leader(stack, { cron: '5 10 * * *', blackout: NIGHT });
  time.ms = START + 10 * MINUTE;
  expect(await schedules.update(id, { catchUp: 'skip' }, NOBODY)).toMatchObject({ nextAt });
  await calendars.create({ ...PLAIN_CALENDAR, name: 'c', isDefault: true }, NOBODY);
  const shown = await schedules.get(id);
  expect([shown.nextAt, shown.next.slice(0, 2)]).toEqual([nextAt, [nextAt, '2026-05-05T10:30:00.000Z']]);
  expect(shortly(await at(30.6))).toEqual(['10:30 run 1']);
});

test('a time that was done, or passed before the schedule was made or while it was paused, does not come at the end of a window', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules, time, id } = await leader(stack, { cron: '2 10 * * *' });
  expect(shortly(await at(3))).toEqual(['10:02 run 1']);
  const tomorrow = { nextAt: '2026-05-05T10:30:00.000Z' };
  expect(await schedules.update(id, { blackout: NIGHT }, NOBODY)).toMatchObject(tomorrow);
  const late = { name: 'late', cron: '1 10 * * *', blackout: NIGHT, job: { kind: 'work', ms: 0 } };
  expect(await schedules.create(late, NOBODY)).toMatchObject(tomorrow);
  await schedules.update('late', { cron: '5 10 * * *', enabled: false }, NOBODY);
  time.ms = START + 10 * MINUTE;
  expect(await schedules.update('late', { enabled: true }, NOBODY)).toMatchObject(tomorrow);
});

test('an instant whose run cannot be started, or would be the second that waits, is counted as skipped', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, metrics } = await leader(stack, {});
  const counted = async () =>
    (await metrics.fires.get()).values.map(({ labels, value }) => [labels.outcome, value]);
  await at(1);
  expect(shortly(await at(11)).at(-1)).toBe('10:10 skipped 1');
  expect(await counted()).toEqual([
    ['run', 1],
    ['skipped', 1],
  ]);
});

test('schedules that cannot be fired do not stand before those that can', async () => {
  await using stack = new AsyncDisposableStack();
  const { at, schedules } = await leader(stack, { cron: '5 10 * * *' }, ({ name }) => name !== 's');
  const job = { kind: 'work', ms: 0 };
  for (let i = 0; i < 60; i++) await schedules.create({ name: `b${i}`, cron: '0 10 * * *', job }, NOBODY);
  expect(await at(6)).toEqual([]);
  expect(shortly(await at(6))).toEqual(['10:05 run 1']);
});

test('who leads is told by standing still, whatever the time of day does', async () => {
  await using metadata = await openMetadata();
  const day = { ms: START };
  const steady = { ms: 0 };
  const process = (processName: string, isCandidate = true) =>
    new Leadership({
      faults: NO_FAULTS,
      store: metadata.store,
      clock: { now: () => day.ms },
      steady: { now: () => steady.ms },
      ...{ log: silentLog, metrics: createMetrics(), leaseMs: 10_000, processName, isCandidate },
    });
  const [one, two, web] = [process('one'), process('two'), process('web', false)];
  const pass = async (ms: number, ...alive: Leadership[]) => {
    for (let i = 0; i < ms; i += 1000) {
      steady.ms += 1000;
      for (const each of alive) await each.tick();
    }
    return [one.role, two.role, web.role, web.isAnyAlive];
  };
  await web.tick();
  expect(web.isAnyAlive).toBe(false);
  expect(await pass(1000, one, two, web)).toEqual(['leader', 'standby', 'web', true]);
  day.ms += 3_600_000;
  expect(await pass(30_000, one, two, web)).toEqual(['leader', 'standby', 'web', true]);
  day.ms -= 7_200_000;
  expect(await pass(30_000, one, two, web)).toEqual(['leader', 'standby', 'web', true]);
  expect(await pass(9_000, two, web)).toEqual(['leader', 'standby', 'web', true]);
  expect(await pass(3_000, two, web)).toEqual(['standby', 'leader', 'web', true]);
  await one.tick();
  expect(one.held).toBeUndefined();
  await two.release();
  expect(await pass(1000, one, web)).toEqual(['leader', 'standby', 'web', true]);
  expect((await metadata.store.leases.get('scheduler'))?.token).toBe(3);
  expect(await pass(20_000, web)).toEqual(['standby', 'standby', 'web', false]);
});
