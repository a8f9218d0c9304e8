import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../src/base/errors.ts';
import { EngineProcesses, type EngineProcessesOptions } from '../../../src/isolation/engine-processes.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import type { ScriptedJob } from '../../support/scripted.worker.ts';
import { until } from '../../support/service-kit.ts';

const GB = 2 ** 30;
const ENGINE = join(import.meta.dir, '../../support/scripted-engine.ts');
const open: EngineProcesses[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const engines of open.splice(0)) await engines.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  folders.push(folder);
  return folder;
}

/** Engine processes of one kind with one lane of scripted threads. */
function openEngines(more: Partial<EngineProcessesOptions> = {}, endingMs = 300) {
  const logged: string[] = [];
  const metrics = createMetrics();
  const engines = new EngineProcesses({
    command: [process.execPath, ENGINE],
    env: { UV_THREADPOOL_SIZE: '8' },
    dataLimitBytes: 2 * GB,
    nice: 0,
    memory: { processBytes: 4 * GB, totalBytes: 16 * GB },
    idleMs: 60_000,
    metrics,
    log: createLog('debug', (line) => logged.push(line)),
    ...more,
  });
  open.push(engines);
  let removed = 0;
  const kind = engines.kind('test', {
    endingMs,
    lanes: () => ({
      lanes: [{ name: 'test', worker: 'query', size: 2, options: { greeting: 'hello' } }],
      removed: () => removed++,
    }),
  });
  const lane = kind.lane<ScriptedJob, unknown>('test', 2);
  return { engines, lane, metrics, logged, removed: () => removed };
}

const never = () => new AbortController().signal;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const metric = async (
  from: { get(): Promise<{ values: { value: number; labels: object }[] }> },
  labels: object,
) => (await from.get()).values.find((one) => Bun.deepEquals({ ...one.labels }, labels))?.value ?? 0;

describe('jobs', () => {
  test('run in another process, which starts when it is first needed', async () => {
    const { engines, lane } = openEngines();
    expect(engines.list()).toEqual([]);
    expect(await lane.runIfStarted({ do: 'pid' }, { signal: never() })).toBeUndefined();
    const pid = await lane.run({ do: 'pid' }, { signal: never() });
    expect(pid).not.toBe(process.pid);
    expect(engines.list()).toMatchObject([{ kind: 'test', pid, running: 0 }]);
    expect(await lane.runIfStarted({ do: 'pid' }, { signal: never() })).toBe(pid);
    await until(() => lane.stats().busy === 0);
    expect(lane.stats()).toEqual({ size: 2, started: 1, busy: 0, jobs: 0 });
  });

  test('bring their bytes in order and no faster than they are taken, and their errors with all facts', async () => {
    const { lane } = openEngines();
    let got = '';
    let waiting = 0;
    const onChunk = async (bytes: Uint8Array) => {
      expect(++waiting).toBeLessThanOrEqual(5);
      await Promise.resolve();
      got += new TextDecoder().decode(bytes);
      waiting--;
    };
    expect(await lane.run({ do: 'send', chunks: 60 }, { signal: never(), onChunk })).toBe('sent');
    expect(got).toBe(Array.from({ length: 60 }, (_, i) => `${i};`).join(''));
    const failed = lane.run({ do: 'fail' }, { signal: never() });
    await expect(failed).rejects.toMatchObject({
      code: 'query.field',
      pointer: '/rows/0',
      params: { near: ['a'] },
    });
  });

  test('whose reader fails end with its error, and the process goes on', async () => {
    const { lane, engines } = openEngines();
    const onChunk = () => Promise.reject(new AppError('limit.bytes', 'full'));
    expect(await codeOf(lane.run({ do: 'send', chunks: 50 }, { signal: never(), onChunk }))).toBe(
      'limit.bytes',
    );
    const [first] = engines.list();
    expect(await lane.run({ do: 'pid' }, { signal: never() })).toBe(first!.pid);
    expect(engines.list()).toMatchObject([{ running: 0 }]);
  });

  test('that end on an abort leave the process as it is', async () => {
    const { lane, engines } = openEngines();
    const stop = new AbortController();
    const waits = codeOf(lane.run({ do: 'wait' }, { signal: stop.signal }));
    const pid = await lane.run({ do: 'pid' }, { signal: never() });
    stop.abort(new AppError('query.timeout', 'late'));
    expect(await waits).toBe('query.timeout');
    expect(engines.list()).toMatchObject([{ pid, running: 0 }]);
  });
});

describe('a process', () => {
  test('whose statement outlives its end is ended; the statements of others run again', async () => {
    const { lane, logged, metrics, removed } = openEngines();
    const folder = scratch();
    const [file, begun] = [join(folder, 'seen'), join(folder, 'begun')];
    const stop = new AbortController();
    const hangs = codeOf(lane.run({ do: 'hang', once: begun }, { signal: stop.signal, owner: 'usr_1' }));
    const bystander = lane.run({ do: 'waitOnce', once: file }, { signal: never() });
    await until(() => existsSync(file) && existsSync(begun));
    stop.abort(new AppError('query.timeout', 'late'));
    expect(await hangs).toBe('query.timeout');
    expect(await bystander).toBe('second run');
    expect(await metric(metrics.engineEnds, { kind: 'test', why: 'overdue' })).toBe(1);
    expect(await metric(metrics.queriesRerun, { kind: 'test' })).toBe(1);
    expect(logged.join('')).toContain('"why":"overdue","fingerprint"');
    expect(logged.join('')).toContain('"user":"usr_1"');
    expect(removed()).toBe(1);
  });

  test('that is killed from outside is replaced, and its statement runs again unseen', async () => {
    const { lane } = openEngines();
    const file = join(scratch(), 'seen');
    let got = '';
    const onChunk = (bytes: Uint8Array) => {
      got += new TextDecoder().decode(bytes);
    };
    // Some chunks were handed on before the process ended.
    const result = await lane.run({ do: 'kill', once: file, after: 3 }, { signal: never(), onChunk });
    expect(result).toBe('survived');
    expect(got).toBe('0;1;2;3;4;');
  });

  test('that one statement ends twice costs that statement alone, which is then refused', async () => {
    const { lane, engines, metrics } = openEngines();
    const file = join(scratch(), 'seen');
    const good = lane.run({ do: 'waitOnce', once: file }, { signal: never() });
    await until(() => existsSync(file));
    expect(await codeOf(lane.run({ do: 'kill' }, { signal: never() }))).toBe('query.dangerous');
    expect(await good).toBe('second run');
    const before = engines.list().map(({ pid }) => pid);
    expect(await codeOf(lane.run({ do: 'kill' }, { signal: never() }))).toBe('query.dangerous');
    expect(engines.list().map(({ pid }) => pid)).toEqual(before);
    expect(engines.dangerous()).toMatchObject([{ strikes: 2 }]);
    expect(await metric(metrics.queriesDangerous, { lane: 'test' })).toBe(1);
    expect(await lane.run({ do: 'greet', name: 'you' }, { signal: never() })).toBe('hello you');
  });

  test('gets no more memory than its limit, and is never larger', async () => {
    const { lane, engines } = openEngines({ dataLimitBytes: 1.5 * GB });
    let largest = 0;
    const watch = setInterval(() => {
      for (const { rssBytes } of engines.list()) largest = Math.max(largest, rssBytes);
    }, 20);
    const code = await codeOf(lane.run({ do: 'grow' }, { signal: never() }));
    clearInterval(watch);
    expect(['internal', 'query.dangerous', 'limit.memory']).toContain(code);
    // The runtime had reserved a gigabyte before the limit was set.
    expect(largest).toBeLessThan(3 * GB);
    expect(await lane.run({ do: 'greet', name: 'you' }, { signal: never() })).toBe('hello you');
  });

  test('past the memory that the front allows is relieved of its largest statement', async () => {
    const { lane } = openEngines({ memory: { processBytes: 0.4 * GB, totalBytes: 16 * GB } });
    expect(await codeOf(lane.run({ do: 'grow' }, { signal: never() }))).toBe('limit.memory');
    expect(await lane.run({ do: 'greet', name: 'you' }, { signal: never() })).toBe('hello you');
  });

  test('without work ends after a while, and the spare with it', async () => {
    const { lane, engines, metrics } = openEngines({ idleMs: 1500 });
    const pid = (await lane.run({ do: 'pid' }, { signal: never() })) as number;
    const children = () => readdirSync('/proc').filter((name) => parentOf(name) === process.pid);
    await until(() => children().length === 2);
    expect(children()).toContain(String(pid));
    await until(() => children().length === 0);
    expect(engines.list()).toEqual([]);
    expect(await metric(metrics.engineProcesses, { kind: 'test' })).toBe(0);
  });

  test('inherits no secret and no descriptor, and is the first that the kernel ends', async () => {
    const { lane, logged } = openEngines();
    const pid = await lane.run({ do: 'pid' }, { signal: never() });
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)).toEqual([
      'UV_THREADPOOL_SIZE=8',
    ]);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('1000\n');
    expect(logged.join('')).not.toContain('engine.refused');
    const sockets = (of: string | number) =>
      readdirSync(`/proc/${of}/fd`)
        .flatMap((fd) => targetOf(`/proc/${of}/fd/${fd}`))
        .filter((target) => target.startsWith('socket:'));
    const own = new Set(sockets('self'));
    expect(sockets(pid as number).filter((socket) => own.has(socket))).toEqual([]);
  });

  test('ends with its front, whatever it runs', async () => {
    const front = Bun.spawn([process.execPath, join(import.meta.dir, 'front.child.ts')], {
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const { value } = await front.stdout.getReader().read();
    const pid = Number(new TextDecoder().decode(value));
    expect(parentOf(String(pid))).toBe(front.pid);
    front.kill('SIGKILL');
    await until(() => parentOf(String(pid)) === undefined);
  });
});

/** What a descriptor is; nothing of one that was closed just now, as that of the folder that was read. */
function targetOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

/** The parent of a process that runs; undefined of one that has ended. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
