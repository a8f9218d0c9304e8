import { expect, test } from 'bun:test';
import { FairQueueFull, FairSemaphore } from '../../../src/base/fair-semaphore.ts';
import { WaitTimeout } from '../../../src/base/semaphore.ts';

const LIMITS = { capacity: 2, perKey: 1, maxQueue: 100, maxQueuePerKey: 50 };

test('keys take turns, and each key goes in the order of asking', async () => {
  const slots = new FairSemaphore({ ...LIMITS, capacity: 1 });
  const order: string[] = [];
  let release = await slots.acquire('ada', 60_000);
  const ask = (name: string) =>
    slots.acquire(name[0]!, 60_000).then((free) => {
      order.push(name);
      release = free;
    });
  const asked = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map(ask);
  for (let i = 0; i < asked.length; i++) {
    const before = order.length;
    release();
    while (order.length === before) await Promise.resolve();
  }
  await Promise.all(asked);
  release();
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  expect([slots.inUse, slots.waiting]).toEqual([0, 0]);
});

test('a key at its most leaves free holders to others', async () => {
  const slots = new FairSemaphore(LIMITS);
  const release = await slots.acquire('ada', 60_000);
  const waiting = slots.acquire('ada', 60_000);
  const other = await slots.acquire('bob', 60_000);
  other();
  expect([slots.inUse, slots.waiting]).toEqual([1, 1]);
  release();
  release();
  (await waiting)();
  expect([slots.inUse, slots.waiting]).toEqual([0, 0]);
});

test('both queues are bounded, and the error names the full one', async () => {
  const slots = new FairSemaphore({ capacity: 1, perKey: 1, maxQueue: 2, maxQueuePerKey: 1 });
  const over = new AbortController();
  const waits = (key: string) => slots.acquire(key, 60_000, over.signal).catch((error: unknown) => error);
  await slots.acquire('ada', 60_000);
  const waiting = [waits('ada')];
  const full = (key: string) => slots.acquire(key, 60_000).catch((error: unknown) => error);
  expect(slots.fullFor('ada')).toBe('key');
  expect(await full('ada')).toMatchObject({ queue: 'key' });
  expect(slots.fullFor('bob')).toBeUndefined();
  waiting.push(waits('bob'));
  expect(await full('eve')).toBeInstanceOf(FairQueueFull);
  expect(await full('eve')).toMatchObject({ queue: 'all' });
  over.abort('over');
  expect(await Promise.all(waiting)).toEqual(['over', 'over']);
});

test('waiting for others ends with a timeout; waiting for its own key does not', async () => {
  const slots = new FairSemaphore({ ...LIMITS, perKey: 1, capacity: 2 });
  const [ada, bob] = [await slots.acquire('ada', 5), await slots.acquire('bob', 5)];
  const own = slots.acquire('ada', 5);
  expect(await slots.acquire('eve', 20).catch((error: unknown) => error)).toBeInstanceOf(WaitTimeout);
  ada();
  bob();
  (await own)();
  expect([slots.inUse, slots.waiting]).toEqual([0, 0]);
});

test('an aborted waiter leaves the queue', async () => {
  const slots = new FairSemaphore({ ...LIMITS, capacity: 1 });
  const release = await slots.acquire('ada', 60_000);
  const gone = new AbortController();
  const left = slots.acquire('bob', 60_000, gone.signal).catch((error: unknown) => error);
  gone.abort('gone');
  expect(await left).toBe('gone');
  expect(slots.waiting).toBe(0);
  release();
  expect(slots.inUse).toBe(0);
  expect(await slots.acquire('bob', 1, gone.signal).catch((error: unknown) => error)).toBe('gone');
});

test('random holders and waiters never exceed the limits, and all are served', async () => {
  const limits = { capacity: 5, perKey: 2, maxQueue: 1000, maxQueuePerKey: 1000 };
  const slots = new FairSemaphore(limits);
  const held = new Map<string, number>();
  let most = 0;
  const work = async (i: number) => {
    const key = `user ${i % 7}`;
    const release = await slots.acquire(key, 60_000);
    held.set(key, (held.get(key) ?? 0) + 1);
    most = Math.max(most, ...held.values());
    expect(slots.inUse).toBeLessThanOrEqual(limits.capacity);
    for (let turn = 0; turn < (i * 31) % 17; turn++) await Promise.resolve();
    held.set(key, held.get(key)! - 1);
    release();
  };
  await Promise.all(Array.from({ length: 500 }, (_, i) => work(i)));
  expect(most).toBe(limits.perKey);
  expect([slots.inUse, slots.waiting]).toEqual([0, 0]);
});
