import { expect, test } from 'bun:test';
import { SyncLag } from '../../../src/services/sync/sync-lag.ts';
import { createStore } from '../../../src/store/store.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { aRun } from '../../support/jobs/processes.ts';
import { eachStore } from '../../support/metadata-stores.ts';

const at = (second: number) => new Date(Date.parse('2026-05-04T09:00:00Z') + second * 1000).toISOString();

eachStore((name, open) => {
  test(`${name}: every process tells how far behind each task is, whoever ran it`, async () => {
    await using metadata = await open();
    const store = createStore(metadata.db);
    const now = { second: 0 };
    const clock = { now: () => Date.parse(at(now.second)) };
    const replicas = [1, 2].map(() => new SyncLag({ store, clock, metrics: createMetrics() }));
    let runs = 0;
    async function ran(task: string, state: 'succeeded' | 'failed', second: number): Promise<void> {
      const id = `run_${String(++runs).padStart(3, '0')}`;
      await store.runs.insert(id, aRun('sync', { subjectId: task }), at(second));
      const [claimed] = await store.runClaims.claim({ kinds: ['sync'], by: 'p', at: at(second), most: 1 });
      const { claim } = claimed!;
      if (state === 'succeeded') await store.runClaims.succeed(claim, {}, at(second));
      else await store.runClaims.fail(claim, { code: 'internal', detail: '', step: null }, at(second));
    }
    async function seen(second: number) {
      now.second = second;
      const answers = await Promise.all(
        replicas.map(async (lag) => {
          await lag.show();
          const { syncLag, syncFailing } = lag.deps.metrics;
          const lags = (await syncLag.get()).values.map(({ labels, value }) => [labels.task, value]);
          const failing = (await syncFailing.get()).values.filter(({ value }) => value === 1);
          return { lags: Object.fromEntries(lags), failing: failing.map(({ labels }) => labels.task) };
        }),
      );
      expect(answers[1]).toEqual(answers[0]!);
      return answers[0]!;
    }
    for (const task of ['orders', 'stock'])
      await store.syncTasks.insert({
        ...{ id: `tsk_${task}`, name: task, description: '', dataset: task, mode: 'snapshot', drift: 'add' },
        source: { kind: 'table', datasource: 'd', table: 't' },
        ...{
          datasetId: null,
          checkpoint: null,
          version: 1,
          createdAt: at(0),
          createdBy: null,
          updatedAt: at(0),
        },
      });
    expect(await seen(5)).toEqual({ lags: { orders: 5, stock: 5 }, failing: [] });
    await ran('tsk_orders', 'succeeded', 10);
    await ran('tsk_stock', 'failed', 11);
    expect(await seen(20)).toEqual({ lags: { orders: 10, stock: 20 }, failing: ['stock'] });
    await ran('tsk_orders', 'failed', 21);
    await ran('tsk_stock', 'succeeded', 25);
    expect(await seen(30)).toEqual({ lags: { orders: 20, stock: 5 }, failing: ['orders'] });
    // What was known of a success is not lost with its run.
    await store.runs.removeEnded(at(26), 10);
    expect(await seen(31)).toEqual({ lags: { orders: 21, stock: 6 }, failing: [] });
    await store.syncTasks.remove('tsk_orders');
    expect(await seen(40)).toEqual({ lags: { stock: 15 }, failing: [] });
  });
});
