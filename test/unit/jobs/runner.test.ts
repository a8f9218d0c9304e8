import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { Job } from '../../../src/jobs/job.ts';
import { aRun, NOBODY, openJobs, openMetadata } from '../../support/jobs/processes.ts';
import { until } from '../../support/service-kit.ts';

const quick = (kind: string, run: Job['run']): Job => ({ kind, run });
const heeding = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a run is done, with its progress, log and result', async () => {
  await using metadata = await openMetadata();
  const job = quick('greet', async (input, context) => {
    context.progress({ phase: 'read', rows: 2 });
    context.log('info', 'half way', { rows: 2 });
    return { said: (input as { name: string }).name, attempt: context.attempt };
  });
  await using process = await openJobs(metadata.path, [job]);
  const id = await process.runs.enqueue(aRun('greet', { input: { name: 'Ada' } }));
  await until(async () => (await process.runs.get(id)).state === 'succeeded');
  expect(await process.runs.get(id)).toMatchObject({
    result: { said: 'Ada', attempt: 1 },
    progress: { phase: 'read', rows: 2, bytes: null, expectedRows: null },
    fault: null,
  });
  expect(await process.runs.log(id, 10)).toMatchObject([
    { line: 1, level: 'info', text: 'half way', facts: { rows: 2 } },
  ]);
});

test('the end of a run is estimated from its pace, where that can be said', async () => {
  await using metadata = await openMetadata();
  const done = Promise.withResolvers<void>();
  const job = quick('paced', async (_, { progress }) => {
    progress({ phase: 'read', rows: 250, expectedRows: 1000 });
    await done.promise;
    return {};
  });
  await using one = await openJobs(metadata.path, [job]);
  const id = await one.runs.enqueue(aRun('paced'));
  expect((await one.runs.get(id)).estimatedEndAt).toBeNull();
  await until(async () => (await one.runs.get(id)).progress.rows === 250);
  const before = Date.now();
  const { startedAt, estimatedEndAt } = await one.runs.get(id);
  const after = Date.now();
  // A quarter is done: three times as long as so far is left.
  const [started, estimated] = [Date.parse(startedAt!), Date.parse(estimatedEndAt!)];
  expect(estimated).toBeWithin(4 * before - 3 * started, 4 * after - 3 * started + 1);
  done.resolve();
  await until(async () => (await one.runs.get(id)).state === 'succeeded');
  expect((await one.runs.get(id)).estimatedEndAt).toBeNull();
});

test('two processes start each run once, never two of a subject, never more of a key than its limit', async () => {
  await using metadata = await openMetadata();
  const started: string[] = [];
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const job = quick('count', async (input, { claim }) => {
    const { keys } = input as { keys: string[] };
    started.push(claim.runId);
    for (const key of keys) {
      running.set(key, (running.get(key) ?? 0) + 1);
      most.set(key, Math.max(most.get(key) ?? 0, running.get(key)!));
    }
    await Bun.sleep(3);
    for (const key of keys) running.set(key, running.get(key)! - 1);
    return {};
  });
  await using one = await openJobs(metadata.path, [job], { JOB_CONCURRENCY: '8' });
  await using two = await openJobs(metadata.path, [job], { JOB_CONCURRENCY: '8' });
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) {
    const [subjectId, key] = [`tsk_${i % 5}`, `ds_${i % 3}`];
    const run = { subjectId, concurrencyKey: key, concurrencyLimit: 2, input: { keys: [subjectId, key] } };
    ids.push(await (i % 2 ? one : two).runs.enqueue(aRun('count', run)));
  }
  await until(async () => (await one.store.runs.counts()).succeeded === 40);
  expect(started.sort()).toEqual(ids.sort());
  for (const [key, count] of most)
    expect(`${key} ${count <= (key.startsWith('ds') ? 2 : 1)}`).toBe(`${key} true`);
});

test('a run that waits for others of its datasource is counted once, and starts when one ends', async () => {
  await using metadata = await openMetadata();
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const job = quick('gated', async (input) => {
    await gates[(input as { gate: number }).gate]!.promise;
    return {};
  });
  await using one = await openJobs(metadata.path, [job], { JOB_CONCURRENCY: '8' });
  const run = { concurrencyKey: 'datasource:ds_1', concurrencyLimit: 1 };
  const first = await one.runs.enqueue(aRun('gated', { ...run, input: { gate: 0 } }));
  await until(async () => (await one.runs.get(first)).state === 'running');
  const second = await one.runs.enqueue(aRun('gated', { ...run, input: { gate: 1 } }));
  const hits = async () =>
    (await one.metrics.limitsHit.get()).values.find(
      ({ labels }) => labels.limit === 'SYNC_SOURCE_CONCURRENCY',
    )?.value;
  await until(async () => (await hits()) === 1);
  // Further looks at the queue count it no more.
  await one.runs.enqueue(aRun('gated', { input: { gate: 0 } }));
  await until(async () => (await one.store.runs.counts()).running === 2);
  expect(await hits()).toBe(1);
  expect((await one.runs.get(second)).state).toBe('queued');
  gates[0]!.resolve();
  await until(async () => (await one.runs.get(second)).state === 'running');
  gates[1]!.resolve();
  await until(async () => (await one.store.runs.counts()).succeeded === 3);
  expect(await hits()).toBe(1);
});

test('an abort ends a run of another process within a second, and one that waits at once', async () => {
  await using metadata = await openMetadata();
  const job = quick('wait', (_, { signal }) => heeding(signal));
  await using one = await openJobs(metadata.path, [job], { JOB_CONCURRENCY: '1' });
  await using other = await openJobs(metadata.path, [], { RUN_SCHEDULER: '0' });
  const id = await other.runs.enqueue(aRun('wait'));
  await until(async () => (await other.runs.get(id)).state === 'running');
  const waiting = await other.runs.enqueue(aRun('wait'));
  expect(await other.runs.abort(waiting, NOBODY)).toMatchObject({ state: 'aborted', attempt: 0 });
  const from = performance.now();
  await other.runs.abort(id, NOBODY);
  await until(async () => (await other.runs.get(id)).state === 'aborted');
  expect(performance.now() - from).toBeLessThan(1000);
  expect(await one.runs.get(id)).toMatchObject({ fault: { code: 'run.aborted' } });
  await expect(other.runs.abort(id, NOBODY)).rejects.toMatchObject({ code: 'resource.conflict' });
});

test('what may pass is tried again, what does not pass fails with its step', async () => {
  await using metadata = await openMetadata();
  const busy = quick('busy', async (_, { attempt }) => {
    if (attempt < 3) throw new AppError('datasource.busy', 'No connection to spare');
    return { attempt };
  });
  const broken = quick('broken', async (_, context) => {
    context.progress({ phase: 'publish' });
    throw new Error('secret inner text');
  });
  const late: Job = { ...quick('late', (_, { signal }) => heeding(signal)), timeoutS: 0.05 };
  await using process = await openJobs(metadata.path, [busy, broken, late]);
  process.parts.runner.deps.options.retry.delayMs = 1;
  const ids = [];
  for (const kind of ['busy', 'broken', 'late']) ids.push(await process.runs.enqueue(aRun(kind)));
  await until(async () => (await process.store.runs.counts()).failed === 2);
  await until(async () => (await process.store.runs.counts()).succeeded === 1);
  const [first, second, third] = await Promise.all(ids.map((id) => process.runs.get(id)));
  expect(first).toMatchObject({ state: 'succeeded', attempt: 3, fault: null });
  expect(second).toMatchObject({ state: 'failed', attempt: 1, fault: { code: 'internal', step: 'publish' } });
  expect(JSON.stringify(second)).not.toContain('secret');
  expect(third).toMatchObject({
    state: 'failed',
    fault: { code: 'run.timeout', params: { timeoutS: 0.05 } },
  });
});

test('a process that stops gives its runs back, and another goes on with them', async () => {
  await using metadata = await openMetadata();
  const attempts: number[] = [];
  const job = quick('long', async (_, { signal, attempt }) => {
    attempts.push(attempt);
    if (attempts.length > 1) return {};
    return heeding(signal);
  });
  const one = await openJobs(metadata.path, [job]);
  const id = await one.runs.enqueue(aRun('long'));
  await until(() => attempts.length === 1);
  await one[Symbol.asyncDispose]();
  expect(await metadata.store.runs.byId(id)).toMatchObject({ state: 'queued', attempt: 0, fault: null });
  await using two = await openJobs(metadata.path, [job]);
  await until(async () => (await two.runs.get(id)).state === 'succeeded');
  expect(attempts).toEqual([1, 1]);
});

test('a claim that is not the last one writes nothing', async () => {
  await using metadata = await openMetadata();
  const { runs, runClaims } = metadata.store;
  await runs.insert('run_1', aRun('x'), '2026-01-01T00:00:00.000Z');
  const request = { kinds: ['x'], by: 'one', at: '2026-01-02T00:00:00.000Z', most: 1 };
  const [{ claim } = { claim: undefined }] = await runClaims.claim(request);
  const stale = { ...claim!, number: claim!.number - 1 };
  for (const write of [
    () => runClaims.succeed(stale, {}, request.at),
    () =>
      runClaims.note(stale, { progress: { phase: 'x', rows: 1, bytes: 1, expectedRows: 1 }, lines: [] }, 10),
    () => runClaims.release(stale, 1, request.at),
  ])
    await expect(write()).rejects.toMatchObject({ code: 'run.fenced' });
  expect(await runs.byId('run_1')).toMatchObject({
    state: 'running',
    result: null,
    progress: { phase: null },
  });
  expect(await runClaims.watch([stale, claim!])).toMatchObject([{ isOwn: false }, { isOwn: true }]);
});

test('a process that claims a run of its own anew, as it was taken for dead, ends the first attempt and lives for the second', async () => {
  await using metadata = await openMetadata();
  const attempts: { number: number; reason: unknown }[] = [];
  const second = Promise.withResolvers<Record<string, unknown>>();
  const job = quick('long', (_, { claim: { number }, signal }) => {
    const attempt = { number, reason: undefined as unknown };
    attempts.push(attempt);
    if (number > 1) return second.promise;
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        attempt.reason = signal.reason;
        reject(signal.reason);
      }),
    );
  });
  await using process = await openJobs(metadata.path, [job]);
  const id = await process.runs.enqueue(aRun('long'));
  await until(() => attempts.length === 1);
  await until(async () => (await process.store.runClaims.beats())[0]!.beat > 0);
  // What a leader elsewhere does; in one transaction with the next claim, as the process sees it that was paused.
  await metadata.store.transaction(async ({ runClaims }) => {
    const [beat] = await runClaims.beats();
    expect(await runClaims.requeueLost(beat!, '2026-01-01T00:00:00.000Z', 10)).toBe('queued');
  });
  await until(() => attempts.length === 2);
  await until(() => attempts[0]!.reason !== undefined);
  expect(attempts).toMatchObject([{ number: 1, reason: { code: 'run.fenced' } }, { number: 2 }]);
  await until(() =>
    process.logged.some(({ event, outcome }) => event === 'run.ended' && outcome === 'fenced'),
  );
  expect(process.parts.runner.running).toBe(1);
  const beatOf = async () => (await process.store.runClaims.beats())[0]!.beat;
  const before = await beatOf();
  await until(async () => (await beatOf()) > before);
  second.resolve({ done: true });
  await until(async () => (await process.runs.get(id)).state === 'succeeded');
});
