import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { WorkerPool } from '../../../src/workers/pool.ts';
import { poolOptions } from '../../support/pool-options.ts';
import type { ScriptedJob } from '../../support/scripted.worker.ts';

const url = new URL('../../support/scripted.worker.ts', import.meta.url).href;
const never = () => new AbortController().signal;

function openPool(size = 1, file = url) {
  const deaths: string[] = [];
  const pool = new WorkerPool<ScriptedJob, unknown>(
    poolOptions(file, { size, onDeath: (why) => deaths.push(why) }),
  );
  return Object.assign(pool, { deaths, [Symbol.dispose]: () => pool.close() });
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('a worker pool', () => {
  test('starts no thread before it is needed', async () => {
    using pool = openPool(2);
    expect(pool.stats().started).toBe(0);
    expect(await pool.run({ do: 'greet', name: 'you' }, { signal: never() })).toBe('hello you');
    expect(pool.stats()).toEqual({ size: 2, started: 1, busy: 0, jobs: 0 });
  });

  test('spreads jobs over its threads, and shares them when all are busy', async () => {
    using pool = openPool(2);
    const stop = new AbortController();
    const waits = Array.from({ length: 5 }, () => codeOf(pool.run({ do: 'wait' }, { signal: stop.signal })));
    expect(pool.stats()).toEqual({ size: 2, started: 2, busy: 2, jobs: 5 });
    expect(await pool.run({ do: 'greet', name: 'six' }, { signal: never() })).toBe('hello six');
    stop.abort(new AppError('query.timeout', 'late'));
    expect(await Promise.all(waits)).toEqual(Array.from({ length: 5 }, () => 'query.timeout'));
    expect(pool.stats().jobs).toBe(0);
  });

  test('carries an AppError over with its facts, and hides any other', async () => {
    using pool = openPool();
    const failed = await pool.run({ do: 'fail' }, { signal: never() }).catch((error) => error);
    expect(failed).toMatchObject({ code: 'query.field', pointer: '/rows/0', params: { near: ['a'] } });
    const thrown = (await pool.run({ do: 'throw' }, { signal: never() }).catch((error) => error)) as AppError;
    expect(thrown.code).toBe('internal');
    expect(thrown.message).not.toContain('private');
    expect(String(thrown.cause)).toContain('something private');
  });

  test.each(['exit', 'crash'] as const)(
    'a thread that ends by itself (%s) is counted and replaced; its jobs get a clear error',
    async (how) => {
      using pool = openPool();
      const bystander = codeOf(pool.run({ do: 'wait' }, { signal: never() }));
      expect(await codeOf(pool.run({ do: how }, { signal: never() }))).toBe('worker.died');
      expect(await bystander).toBe('worker.died');
      expect(await pool.run({ do: 'greet', name: 'again' }, { signal: never() })).toBe('hello again');
      expect(pool.deaths).toHaveLength(1);
    },
  );

  test('a worker file that cannot be loaded is a clear error', async () => {
    using pool = openPool(1, new URL('./no-such.worker.ts', import.meta.url).href);
    expect(await codeOf(pool.run({ do: 'greet', name: 'x' }, { signal: never() }))).toBe('worker.died');
  });

  test('chunks come in order, before the result, and no faster than they are taken', async () => {
    using pool = openPool();
    const got: string[] = [];
    let open = 0;
    const result = await pool.run(
      { do: 'send', chunks: 40 },
      {
        signal: never(),
        async onChunk(bytes) {
          expect(++open).toBeLessThanOrEqual(5);
          await Promise.resolve();
          got.push(new TextDecoder().decode(bytes));
          open--;
        },
      },
    );
    expect(result).toBe('sent');
    expect(got.join('')).toBe(Array.from({ length: 40 }, (_, i) => `${i};`).join(''));
  });

  test('bytes are given away, not copied: the thread keeps nothing of what it sent', async () => {
    using pool = openPool();
    let got = 0;
    const left = await pool.run(
      { do: 'giveAway', bytes: 1_000_000 },
      {
        signal: never(),
        onChunk: async (bytes) => {
          got += bytes.length;
        },
      },
    );
    // The newest piece is held back until the job ends.
    expect(left).toEqual([0, 1_000_000]);
    expect(got).toBe(2_000_000);
  });

  test('a reader that fails ends the job with its error, and the thread goes on', async () => {
    using pool = openPool();
    const failing = pool.run(
      { do: 'send', chunks: 10 },
      { signal: never(), onChunk: () => Promise.reject(new AppError('limit.bytes', 'full')) },
    );
    expect(await codeOf(failing)).toBe('limit.bytes');
    expect(await pool.run({ do: 'greet', name: 'still' }, { signal: never() })).toBe('hello still');
  });

  test('a job that was aborted before it began does not begin', async () => {
    using pool = openPool();
    expect(
      await codeOf(
        pool.run({ do: 'wait' }, { signal: AbortSignal.abort(new AppError('query.cancelled', 'no')) }),
      ),
    ).toBe('query.cancelled');
    expect(pool.stats().started).toBe(0);
  });

  test('a closed pool takes no more jobs', async () => {
    const pool = openPool();
    pool.close();
    expect(await codeOf(pool.run({ do: 'greet', name: 'late' }, { signal: never() }))).toBe('overloaded');
  });
});
