import { expect, test } from 'bun:test';
import { systemClock } from '../../../src/base/clock.ts';
import { AppError } from '../../../src/base/errors.ts';
import type { QuerySummary } from '../../../src/domain/query-result.ts';
import { Admission } from '../../../src/engine/admission.ts';
import { type Ask, Engine } from '../../../src/engine/engine.ts';
import { SlowQueries } from '../../../src/engine/slow-queries.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const summary: QuerySummary = { rowCount: 1, cutBy: [], resultHash: 'h', bytes: 2, elapsedMs: 1 };

/** An engine whose first query ends when the test says so, and whose others are done at once. */
function steered(cacheBytes = 0, burst = 9) {
  const first = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<QuerySummary>();
  let runs = 0;
  const run = async (_: unknown, { signal }: { signal: AbortSignal }) => {
    if (++runs > 1) return summary;
    first.resolve(signal);
    return end.promise;
  };
  const metrics = createMetrics();
  const limits = {
    ...{ concurrency: 9, queue: 9, waitS: 9, userConcurrency: 9, userQueue: 9 },
    ...{ ratePerSecond: 1, burst },
  };
  const engine = new Engine({
    runners: { dataset: run, datasource: (_, job, options) => run(job, options) },
    admission: new Admission(limits, metrics, systemClock),
    metrics,
    clock: systemClock,
    slow: new SlowQueries(
      60_000,
      createLog('critical', () => undefined),
      systemClock,
    ),
    timeoutS: 60,
    cacheBytes,
  });
  return { engine, first: first.promise, end };
}

/** The same query each time. */
function ask(requestId: string, signal = new AbortController().signal): Ask {
  const origin = { id: 'dst_1', version: '1', name: 'orders', engine: 'duckdb' };
  const plan = { kind: 'spec', job: { kind: 'rows', format: 'json' }, subject: {}, origin, ranges: [] };
  const rest = { policy: 'all', userId: 'usr_1', timeoutS: undefined, fresh: false };
  return { plan, requestId, signal, ...rest } as unknown as Ask;
}

test.each<[string, (engine: Engine, client: AbortController) => void]>([
  ['was cancelled', (engine) => engine.cancel('first', 'usr_1')],
  ['lost its client', (_, client) => client.abort()],
])('a query that %s and has not ended yet is not joined by an equal one', async (_, leave) => {
  const { engine, first, end } = steered();
  const client = new AbortController();
  const left = engine.ask(ask('first', client.signal)).catch((error: AppError) => error.code);
  const signal = await first;
  leave(engine, client);
  expect(await left).toMatch(/^(query\.cancelled|request\.aborted)$/);
  expect(signal.aborted).toBe(true);
  const again = engine.ask(ask('again'));
  end.reject(new AppError('query.cancelled', 'ended by its server, late'));
  expect(await (await again).done).toEqual(summary);
});

test('what one policy may see is neither joined nor kept for another', async () => {
  const { engine, first, end } = steered(1_000_000);
  const under = (policy: string, requestId: string) => engine.ask({ ...ask(requestId), policy } as Ask);
  const running = under('all rows', 'first');
  await first;
  expect(await (await under('rows of EU', 'second')).done).toEqual(summary);
  end.resolve(summary);
  expect((await (await running).done) && engine.running()).toEqual([]);
  expect((await under('all rows', 'third')).cache.hit).toBe(true);
  expect((await under('rows of EU', 'fourth')).cache.hit).toBe(true);
  expect((await under('rows of US', 'fifth')).cache.hit).toBe(false);
});

test('answers from the cache and joined queries do not count against the rate', async () => {
  const { engine, first, end } = steered(1_000_000, 2);
  const running = engine.ask(ask('first'));
  await first;
  const joined = Array.from({ length: 12 }, (_, i) => engine.ask(ask(`joined-${i}`)));
  end.resolve(summary);
  for (const answer of [running, ...joined]) expect(await (await answer).done).toEqual(summary);
  for (let i = 0; i < 12; i++) expect((await engine.ask(ask(`cached-${i}`))).cache.hit).toBe(true);
  const fresh = (requestId: string) => engine.ask({ ...ask(requestId), fresh: true });
  expect((await fresh('second')).cache.hit).toBe(false);
  expect(await fresh('third').catch((error: AppError) => error.code)).toBe('limit.rate');
});
