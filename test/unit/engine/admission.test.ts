import { describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { Admission, type AdmissionLimits } from '../../../src/engine/admission.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

function admission(limits: Partial<AdmissionLimits> = {}) {
  const clock = { ms: 1_000_000, now: () => clock.ms };
  const metrics = createMetrics();
  const all = {
    concurrency: 1,
    queue: 1,
    waitS: 0.02,
    userConcurrency: 2,
    userQueue: 9,
    ratePerSecond: 2,
    burst: 3,
    ...limits,
  };
  return { admission: new Admission(all, metrics, clock), metrics, clock };
}

const never = () => new AbortController().signal;

async function refusal(work: () => unknown): Promise<AppError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

async function hits(metrics: ReturnType<typeof createMetrics>, limit: string): Promise<number> {
  const { values } = await metrics.limitsHit.get();
  return values.find(({ labels }) => labels.limit === limit)!.value;
}

describe('the rate of a user', () => {
  test('a burst passes, then so many a second; another user is not touched', async () => {
    const { admission: door, clock, metrics } = admission();
    for (let i = 0; i < 3; i++) door.checkRate('ada');
    const refused = await refusal(() => door.checkRate('ada'));
    expect(refused).toMatchObject({ code: 'limit.rate', retryAfterS: 1 });
    door.checkRate('bob');
    clock.ms += 1000;
    door.checkRate('ada');
    door.checkRate('ada');
    expect((await refusal(() => door.checkRate('ada'))).code).toBe('limit.rate');
    expect(await hits(metrics, 'QUERY_RATE_PER_SEC')).toBe(2);
  });

  test('a clock that steps back takes nothing away', () => {
    const { admission: door, clock } = admission();
    door.checkRate('ada');
    clock.ms -= 3_600_000;
    door.checkRate('ada');
    door.checkRate('ada');
  });
});

describe('places of a user', () => {
  test('past them queries wait, and are refused past the queue of the user', async () => {
    const { admission: door, metrics } = admission({ concurrency: 3, queue: 9, userQueue: 1, waitS: 60 });
    const [first] = [await door.slot('ada', never()), await door.slot('ada', never())];
    const waiting = door.slot('ada', never());
    const refused = await refusal(() => door.slot('ada', never()));
    expect(refused).toMatchObject({
      code: 'limit.user',
      retryAfterS: 1,
      params: { limit: 'USER_QUERY_QUEUE' },
    });
    const bob = await door.slot('bob', never());
    expect(door.stats()).toEqual({ running: 3, waiting: 1 });
    bob();
    expect(door.stats()).toEqual({ running: 2, waiting: 1 });
    first!();
    first!();
    (await waiting)();
    expect(door.stats()).toEqual({ running: 1, waiting: 0 });
    expect(await hits(metrics, 'USER_QUERY_QUEUE')).toBe(1);
  });
});

describe('slots', () => {
  test('the queue is bounded, the wait too, and each refusal says when to come back', async () => {
    const { admission: door, metrics } = admission();
    const release = await door.slot('ada', never());
    const waiting = refusal(() => door.slot('bob', never()));
    const full = await refusal(() => door.slot('eve', never()));
    expect(full).toMatchObject({
      code: 'overloaded',
      retryAfterS: 1,
      params: { limit: 'HEAVY_QUERY_QUEUE' },
    });
    expect(await waiting).toMatchObject({
      code: 'overloaded',
      params: { limit: 'HEAVY_QUERY_WAIT_SECONDS' },
    });
    release();
    release();
    expect(door.stats()).toEqual({ running: 0, waiting: 0 });
    expect(await hits(metrics, 'HEAVY_QUERY_QUEUE')).toBe(1);
    expect(await hits(metrics, 'HEAVY_QUERY_WAIT_SECONDS')).toBe(1);
  });

  test('are known to be there, or not and why, before one is asked for', async () => {
    const { admission: door, metrics } = admission({ userQueue: 0, userConcurrency: 1, queue: 1, waitS: 60 });
    const release = await door.slot('ada', never());
    expect(door.refusal('ada')).toMatchObject({ code: 'limit.user', params: { limit: 'USER_QUERY_QUEUE' } });
    const other = admission({ userQueue: 1, queue: 1, waitS: 60 });
    await other.admission.slot('ada', never());
    expect(other.admission.refusal('bob')).toBeUndefined();
    void other.admission.slot('ada', never());
    expect(other.admission.refusal('bob')).toMatchObject({ code: 'overloaded', retryAfterS: 15 });
    expect(await hits(other.metrics, 'HEAVY_QUERY_QUEUE')).toBe(1);
    release();
    expect(door.refusal('ada')).toBeUndefined();
    expect(await hits(metrics, 'USER_QUERY_QUEUE')).toBe(1);
  });

  test('are given in the order of asking; one who leaves the queue takes none', async () => {
    const { admission: door } = admission({ queue: 3, waitS: 10 });
    const order: string[] = [];
    const inOrder = async (name: string) => {
      const free = await door.slot('ada', never());
      order.push(name);
      return free;
    };
    const release = await door.slot('ada', never());
    const gone = new AbortController();
    const first = inOrder('first');
    const left = door.slot('ada', gone.signal).catch((error) => error);
    const last = inOrder('last');
    gone.abort(new AppError('query.cancelled', 'gone'));
    expect(await left).toMatchObject({ code: 'query.cancelled' });
    release();
    (await first)();
    (await last)();
    expect(order).toEqual(['first', 'last']);
    expect(door.stats()).toEqual({ running: 0, waiting: 0 });
  });
});
