import { expect, test } from 'bun:test';
import type { Job } from '../../../src/jobs/job.ts';
import { aRun, openJobs, openMetadata } from '../../support/jobs/processes.ts';
import { until } from '../../support/service-kit.ts';

const WEB = { RUN_SCHEDULER: '0' };
const job = (done: () => void): Job => ({
  kind: 'work',
  run: async () => {
    done();
    return {};
  },
});

test('a process without the scheduler takes what was asked for by hand, and leaves what schedules queued', async () => {
  await using metadata = await openMetadata();
  await using web = await openJobs(metadata.path, [job(() => undefined)], WEB);
  const scheduled = await web.runs.enqueue(aRun('work', { trigger: 'schedule' }));
  const byHand = [];
  for (const trigger of ['manual', 'backfill', 'housekeeping'])
    byHand.push(await web.runs.enqueue(aRun('work', { trigger })));
  await until(async () => (await web.store.runs.counts()).succeeded === 3);
  for (const id of byHand) expect((await web.runs.get(id)).state).toBe('succeeded');
  expect((await web.runs.get(scheduled)).state).toBe('queued');
  await using leader = await openJobs(metadata.path, [job(() => undefined)]);
  await until(async () => (await leader.runs.get(scheduled)).state === 'succeeded');
});

test('while a process leads, the others leave all runs to the candidates', async () => {
  await using metadata = await openMetadata();
  let [led, webbed] = [0, 0];
  await using leader = await openJobs(metadata.path, [job(() => led++)]);
  await until(() => leader.parts.leadership.role === 'leader');
  await using web = await openJobs(metadata.path, [job(() => webbed++)], WEB);
  for (let i = 0; i < 20; i++) await web.runs.enqueue(aRun('work'));
  await until(async () => (await web.store.runs.counts()).succeeded === 20);
  expect([led, webbed]).toEqual([20, 0]);
});

test('a run whose process died goes on in another one, though no process leads', async () => {
  await using metadata = await openMetadata();
  await using dead = await openJobs(metadata.path, [], WEB);
  const id = await dead.runs.enqueue(aRun('work'));
  const at = new Date().toISOString();
  const claimed = await dead.store.runClaims.claim({ kinds: ['work'], by: 'gone', at, most: 1 });
  expect(claimed).toHaveLength(1);
  await using web = await openJobs(metadata.path, [job(() => undefined)], WEB);
  await until(async () => (await web.runs.get(id)).state === 'succeeded');
  expect(await web.runs.get(id)).toMatchObject({ attempt: 2 });
  const logged = [...dead.logged, ...web.logged].map(({ event }) => event);
  expect(logged.filter((event) => event === 'run.lost')).toHaveLength(1);
});
