import { describe, expect, test } from 'bun:test';
import { Audit } from '../../../src/services/audit.ts';
import { type Chore, HOUSEKEEPING, Housekeeping } from '../../../src/services/housekeeping.ts';
import { Runs } from '../../../src/services/runs.ts';
import { createStore } from '../../../src/store/store.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { eachStore, type TestStore } from '../../support/metadata-stores.ts';

const HOUR = 3_600_000;

eachStore((_engine, open) => {
  function processOf(
    { db }: Pick<TestStore, 'db'>,
    now: { ms: number },
    run: Chore['run'],
    hasScheduler = false,
  ) {
    const clock = { now: () => now.ms };
    const store = createStore(db);
    const logged: string[] = [];
    const chores = [{ name: 'sweep', dueAfter: (ms: number) => ms + HOUR, run }];
    const housekeeping = new Housekeeping({
      ...{ store, clock, chores, metrics: createMetrics(), hasScheduler: () => hasScheduler },
      runs: new Runs({ store, clock, audit: new Audit(store, clock) }),
      log: createLog('error', (line) => logged.push(JSON.parse(line).event)),
    });
    return { housekeeping, store, logged };
  }

  describe('a chore', () => {
    test('is done once by all processes, when it is due', async () => {
      await using store = await open();
      const now = { ms: Date.parse('2026-01-01T00:00:00Z') };
      let done = 0;
      const run = async () => ({ done: ++done });
      const processes = [store.db, await store.again(), await store.again()].map((db) =>
        processOf({ db }, now, run),
      );
      const all = () => Promise.all(processes.map(({ housekeeping }) => housekeeping.tick()));
      await all();
      expect(done).toBe(0);
      for (const count of [1, 2]) {
        now.ms += HOUR;
        await all();
        await all();
        expect(done).toBe(count);
      }
    });

    test('that fails, or whose process died, is tried again after an hour', async () => {
      await using store = await open();
      const now = { ms: Date.parse('2026-01-01T00:00:00Z') };
      let tries = 0;
      const { housekeeping, logged } = processOf(store, now, async () => {
        tries++;
        if (tries === 1) throw new Error('no room');
        return {};
      });
      await housekeeping.tick();
      now.ms += HOUR;
      await housekeeping.tick();
      await housekeeping.tick();
      expect({ tries, logged }).toEqual({ tries: 1, logged: ['housekeeping.failed'] });
      now.ms += HOUR;
      await housekeeping.tick();
      await housekeeping.tick();
      expect({ tries, logged }).toEqual({ tries: 2, logged: ['housekeeping.failed'] });
    });

    test('is one run where there is a scheduler', async () => {
      await using store = await open();
      const now = { ms: Date.parse('2026-01-01T00:00:00Z') };
      const processes = [store.db, await store.again()].map((db) =>
        processOf({ db }, now, async () => ({ swept: 3 }), true),
      );
      // One after another: SQLite waits for a lock without giving way to others in its process.
      const all = async () => {
        for (const { housekeeping } of processes) await housekeeping.tick();
      };
      await all();
      now.ms += HOUR;
      await all();
      await all();
      const [first] = processes;
      const runs = await first!.store.runs.list({ kind: HOUSEKEEPING }, 10);
      expect(runs).toMatchObject([
        { kind: HOUSEKEEPING, state: 'queued', trigger: 'housekeeping', subjectId: 'housekeeping.sweep' },
      ]);
      expect(await first!.housekeeping.run({ chore: 'sweep' })).toEqual({ swept: 3 });
      await expect(first!.housekeeping.run({ chore: 'dance' })).rejects.toMatchObject({
        code: 'request.invalid',
      });
    });
  });
});
