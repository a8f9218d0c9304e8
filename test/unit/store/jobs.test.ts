import { expect, test } from 'bun:test';
import { createStore } from '../../../src/store/store.ts';
import { aRun } from '../../support/jobs/processes.ts';
import { eachStore, type StoreName, type TestStore } from '../../support/metadata-stores.ts';

const AT = '2026-05-04T09:00:00.000Z';
const PROGRESS = { phase: 'read', rows: 1, bytes: null, expectedRows: null };

/**
 * Stores of several connections; on SQLite of one, as a connection that waits for another's lock stops the thread that both are on. Several
 * processes on one file: test/unit/jobs/processes.test.ts.
 */
const several = ({ db, again }: TestStore, name: StoreName) =>
  Promise.all([1, 2, 3].map(async () => createStore(name === 'sqlite' ? db : await again())));

eachStore((name, open) => {
  test(`${name}: of claimants at once each run has one, and keys and subjects keep their limits`, async () => {
    await using metadata = await open();
    const stores = await several(metadata, name);
    const [store] = stores;
    for (let i = 0; i < 12; i++) {
      const more = { subjectId: `tsk_${i % 6}`, concurrencyKey: `ds_${i % 2}`, concurrencyLimit: 2 };
      await store!.runs.insert(`run_${String(i).padStart(2, '0')}`, aRun('x', more), AT);
    }
    const claimed = await Promise.all(
      stores.map(({ runClaims }, i) => runClaims.claim({ kinds: ['x'], by: `p${i}`, at: AT, most: 12 })),
    );
    const runs = claimed.flat().map(({ run }) => run);
    expect(runs.map(({ id }) => id).sort()).toEqual(['run_00', 'run_01', 'run_02', 'run_03']);
    expect(runs.every(({ attempt, state }) => attempt === 1 && state === 'running')).toBe(true);
    expect(await store!.runs.counts()).toEqual({ running: 4, queued: 8 });
    await store!.runs.insert('run_free', aRun('x', { concurrencyKey: 'ds_2', concurrencyLimit: 1 }), AT);
    const heldBack = (await store!.runClaims.heldBack(['x'], AT)).sort();
    expect(heldBack).toEqual(Array.from({ length: 8 }, (_, i) => `run_${String(i + 4).padStart(2, '0')}`));
    expect(await store!.runClaims.heldBack(['y'], AT)).toEqual([]);
  });

  test(`${name}: what a claimant writes is seen in order; once it is fenced it writes nothing`, async () => {
    await using metadata = await open();
    const { runs, runClaims } = createStore(metadata.db);
    await runs.insert('run_1', aRun('x'), AT);
    const before = await runs.revision();
    const [first] = await runClaims.claim({ kinds: ['x'], by: 'one', at: AT, most: 1 });
    const claim = first!.claim;
    const line = { at: AT, level: 'info' as const, text: 'a line', facts: { n: 1 } };
    expect(await runClaims.note(claim, { progress: PROGRESS, lines: [line, line] }, 3)).toBe(2);
    for (const _ of [1, 2])
      expect(await runClaims.note(claim, { progress: PROGRESS, lines: [line, line] }, 3)).toBe(0);
    expect(await runs.log('run_1', 10, 1)).toEqual([
      { line: 2, ...line },
      { line: 3, at: AT, level: 'warning', text: expect.stringContaining('full'), facts: null },
    ]);
    const changes = await runs.changedSince(before, 10);
    expect(changes).toMatchObject([{ revision: before + 4, run: { state: 'running', progress: PROGRESS } }]);
    const [seen] = await runClaims.beats();
    await runClaims.beat([claim]);
    expect(await runClaims.requeueLost(seen!, AT, 3)).toBeUndefined();
    const [still] = await runClaims.beats();
    expect(await runClaims.requeueLost(still!, AT, 3)).toBe('queued');
    await expect(runClaims.succeed(claim, {}, AT)).rejects.toMatchObject({ code: 'run.fenced' });
    expect(await runs.byId('run_1')).toMatchObject({ state: 'queued', result: null });
  });

  test(`${name}: a run that loses its process too often fails; one that was to be aborted is`, async () => {
    await using metadata = await open();
    const { runs, runClaims } = createStore(metadata.db);
    await runs.insert('run_1', aRun('x'), AT);
    for (const expected of ['queued', 'failed'] as const) {
      await runClaims.claim({ kinds: ['x'], by: 'one', at: AT, most: 1 });
      const [beat] = await runClaims.beats();
      expect(await runClaims.requeueLost(beat!, AT, 2)).toBe(expected);
    }
    expect(await runs.byId('run_1')).toMatchObject({
      state: 'failed',
      endedAt: AT,
      fault: { code: 'worker.died' },
    });
    await runs.insert('run_2', aRun('x'), AT);
    await runClaims.claim({ kinds: ['x'], by: 'one', at: AT, most: 1 });
    expect(await runs.abort('run_2', AT)).toBe('requested');
    const [beat] = await runClaims.beats();
    await runClaims.requeueLost(beat!, AT, 9);
    expect(await runs.byId('run_2')).toMatchObject({ state: 'aborted', fault: { code: 'run.aborted' } });
    expect(await runs.abort('run_2', AT)).toBeUndefined();
    expect(await runs.removeEnded('2026-06-01', 10)).toBe(2);
    for (const id of ['run_3', 'run_4', 'run_5'])
      await runs.insert(id, { ...aRun('x'), subjectId: id === 'run_5' ? 'other' : 'one' }, AT);
    const [claimed] = await runClaims.claim({ kinds: ['x'], by: 'one', at: AT, most: 1 });
    await runs.abortAllOf('one', AT);
    expect(await runClaims.watch([claimed!.claim])).toMatchObject([{ isOwn: true, abortRequested: true }]);
    const states = (await runs.list({}, 9)).map(({ state, abortRequested }) => [state, abortRequested]);
    expect(states).toEqual([
      ['queued', false],
      ['aborted', true],
      ['running', true],
    ]);
  });

  test(`${name}: a lease has one holder; who lost it is refused`, async () => {
    await using metadata = await open();
    const stores = await several(metadata, name);
    const takeAll = async () => {
      const seen = await stores[0]!.leases.get('x');
      const all = await Promise.all(stores.map(({ leases }, i) => leases.take('x', `p${i}`, seen, AT)));
      return all.filter((held) => held !== undefined);
    };
    const [first, ...others] = await takeAll();
    expect(others).toEqual([]);
    const { leases } = stores[0]!;
    const stale = await leases.get('x');
    await leases.hold(first!);
    expect(await leases.take('x', 'late', stale, AT)).toBeUndefined();
    const [second, ...more] = await takeAll();
    expect(more).toEqual([]);
    expect(second!.token).toBe(first!.token + 1);
    await expect(leases.hold(first!)).rejects.toMatchObject({ code: 'run.fenced' });
    await leases.release(first!, AT);
    expect(await leases.get('x')).toMatchObject({ holder: second!.holder, token: 2 });
  });

  test(`${name}: an instant of a schedule has one fire; a schedule that was changed does not move on`, async () => {
    await using metadata = await open();
    const { schedules } = createStore(metadata.db);
    const definition = { name: 's', job: { kind: 'x' } } as never;
    const times = {
      nextAt: AT,
      nextInstant: AT,
      lastInstant: null,
      createdAt: AT,
      createdBy: null,
      updatedAt: AT,
    };
    const record = { id: 'sch_1', definition, enabled: true, version: 1, subjectId: null, ...times };
    await schedules.insert(record);
    await expect(schedules.insert({ ...record, id: 'sch_2' })).rejects.toMatchObject({
      code: 'resource.conflict',
    });
    const fire = {
      scheduleId: 'sch_1',
      instant: AT,
      outcome: 'run',
      reason: null,
      count: 1,
      firedAt: AT,
      token: 1,
    } as const;
    expect(await schedules.addFire({ ...fire, id: 'fir_1', runId: 'run_1' })).toBe(true);
    expect(await schedules.addFire({ ...fire, id: 'fir_2', runId: 'run_2' })).toBe(false);
    expect(await schedules.due(AT, 10)).toEqual([record]);
    expect(await schedules.update({ ...record, version: 2 })).toBe(true);
    expect(await schedules.update({ ...record, version: 2 })).toBe(false);
    const next = { nextAt: null, nextInstant: null, lastInstant: AT };
    expect(await schedules.advance(record, next)).toBe(false);
    expect(await schedules.advance({ ...record, version: 2 }, next)).toBe(true);
    expect(await schedules.due(AT, 10)).toEqual([]);
  });
});
