import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { aRun, NOBODY, openJobs, openMetadata } from '../../support/jobs/processes.ts';
import { workTarget } from '../../support/jobs/work.ts';
import { until } from '../../support/service-kit.ts';

const LEASE_MS = 2000;

/** A candidate as a process of its own; killed at the end, however it is. */
async function candidate(path: string, concurrency = '20') {
  const child = Bun.spawn(
    ['bun', join(import.meta.dir, '../../support/jobs/candidate.child.ts'), path, concurrency],
    {
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  const events: { event: string; name?: string }[] = [];
  const reading = (async () => {
    let rest = '';
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) events.push(JSON.parse(line));
    }
  })();
  await until(() => events.some(({ event }) => event === 'ready'));
  return {
    name: events.find(({ event }) => event === 'ready')!.name!,
    events,
    signal: (name: NodeJS.Signals) => child.kill(name),
    ended: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child.exited;
      await reading;
    },
  };
}

/** Stops the process where it holds no lock of the file: SQLite's locks outlast a stop, and then nobody writes until it goes on. */
async function stopOutsideOfTransaction(one: { signal(name: NodeJS.Signals): void }, path: string) {
  using file = new Database(path);
  file.run('PRAGMA busy_timeout = 200');
  await until(() => {
    one.signal('SIGSTOP');
    try {
      file.run('BEGIN IMMEDIATE');
      file.run('ROLLBACK');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
      one.signal('SIGCONT');
      return false;
    }
  });
}

/** Metadata with a schedule of each second, watched from a process that is no candidate. */
async function setUp(stack: AsyncDisposableStack) {
  const metadata = stack.use(await openMetadata());
  const watcher = stack.use(await openJobs(metadata.path, [], { RUN_SCHEDULER: '0' }, [workTarget]));
  const lease = () => watcher.store.leases.get('scheduler');
  const { id } = await watcher.parts.schedules.create(
    { name: 'each second', cron: '* * * * * *', catchUp: 'all', job: { kind: 'work', ms: 0 } },
    NOBODY,
  );
  /** The instants so far, oldest first; each has one run. */
  const fires = async () => (await watcher.parts.schedules.fires(id, 500)).reverse();
  return { metadata, watcher, lease, fires };
}

/** Every second from the first to the last fired once, each with a run of its own. */
function expectWhole(fires: { instant: string; runId: string | null }[]): void {
  const first = Date.parse(fires[0]!.instant);
  expect(fires.map(({ instant }) => Date.parse(instant))).toEqual(fires.map((_, i) => first + i * 1000));
  expect(new Set(fires.map(({ runId }) => runId)).size).toBe(fires.length);
  expect(fires.every(({ runId }) => runId !== null)).toBe(true);
}

test('kill -9 of the leader: another leads within the lease time, goes on with its run, and no second is lost or doubled', async () => {
  await using stack = new AsyncDisposableStack();
  const { metadata, watcher, lease, fires } = await setUp(stack);
  const first = stack.use(await candidate(metadata.path));
  await until(async () => (await lease())?.holder === first.name);
  const runId = await watcher.runs.enqueue(aRun('work', { input: { ms: 500 } }));
  await until(async () => (await watcher.runs.get(runId)).state === 'running');
  first.signal('SIGKILL');
  await first.ended;
  const second = stack.use(await candidate(metadata.path));
  const from = performance.now();
  await until(async () => (await lease())?.holder === second.name);
  expect(performance.now() - from).toBeLessThan(LEASE_MS * 1.5);
  expect((await lease())?.token).toBe(2);
  await until(async () => (await watcher.runs.get(runId)).state === 'succeeded');
  expect(await watcher.runs.get(runId)).toMatchObject({
    attempt: 2,
    claimedBy: second.name,
    result: { attempt: 2 },
  });
  const before = (await fires()).length;
  await until(async () => (await fires()).length > before + 1);
  expectWhole(await fires());
}, 30_000);

test('a leader that was stopped and goes on is refused by the store: it leads no more, and its run is not its own', async () => {
  await using stack = new AsyncDisposableStack();
  const { metadata, watcher, lease, fires } = await setUp(stack);
  const first = stack.use(await candidate(metadata.path));
  await until(async () => (await lease())?.holder === first.name);
  const runId = await watcher.runs.enqueue(aRun('work', { input: { ms: 1500 } }));
  await until(async () => (await watcher.runs.get(runId)).state === 'running');
  await stopOutsideOfTransaction(first, metadata.path);
  const second = stack.use(await candidate(metadata.path));
  await until(async () => (await lease())?.holder === second.name);
  await until(async () => (await watcher.runs.get(runId)).claimedBy === second.name);
  first.signal('SIGCONT');
  await until(() => first.events.some(({ event }) => event === 'scheduler.lost'));
  await until(() =>
    first.events.some((each) => each.event === 'run.ended' && 'outcome' in each && each.outcome === 'fenced'),
  );
  await until(async () => (await watcher.runs.get(runId)).state === 'succeeded');
  expect(await watcher.runs.get(runId)).toMatchObject({ claimedBy: second.name, result: { attempt: 2 } });
  expect((await lease())?.holder).toBe(second.name);
  expectWhole(await fires());
}, 30_000);

test('a leader that stops in order hands over at once, its runs with it', async () => {
  await using stack = new AsyncDisposableStack();
  const { metadata, watcher, lease, fires } = await setUp(stack);
  const first = stack.use(await candidate(metadata.path));
  await until(async () => (await lease())?.holder === first.name);
  const second = stack.use(await candidate(metadata.path));
  const runId = await watcher.runs.enqueue(aRun('work', { input: { ms: 700 } }));
  await until(async () => (await watcher.runs.get(runId)).state === 'running');
  first.signal('SIGTERM');
  const from = performance.now();
  await until(async () => (await lease())?.holder === second.name);
  expect(performance.now() - from).toBeLessThan(LEASE_MS / 2);
  await until(async () => (await watcher.runs.get(runId)).state === 'succeeded');
  expect(await watcher.runs.get(runId)).toMatchObject({ attempt: 1, result: { attempt: 1 } });
  expect(await first.ended).toBe(0);
  await until(async () => (await fires()).length > 1);
  expectWhole(await fires());
}, 30_000);

test('three processes at one queue start each run once', async () => {
  await using stack = new AsyncDisposableStack();
  const metadata = stack.use(await openMetadata());
  const watcher = stack.use(await openJobs(metadata.path, [], { RUN_SCHEDULER: '0' }));
  const ids: string[] = [];
  for (let i = 0; i < 60; i++)
    ids.push(await watcher.runs.enqueue(aRun('work', { subjectId: `tsk_${i % 20}`, input: { ms: 100 } })));
  const all = await Promise.all([1, 2, 3].map(() => candidate(metadata.path, '4')));
  for (const each of all) stack.use(each);
  await until(async () => (await watcher.store.runs.counts()).succeeded === 60);
  const runs = await Promise.all(ids.map((id) => watcher.runs.get(id)));
  expect(runs.every(({ attempt, result }) => attempt === 1 && result?.attempt === 1)).toBe(true);
  expect(new Set(runs.map(({ claimedBy }) => claimedBy)).size).toBeGreaterThan(1);
}, 30_000);
