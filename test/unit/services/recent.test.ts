import { expect, test } from 'bun:test';
import { Recent } from '../../../src/services/recent.ts';

function place() {
  const clock = { ms: 1_000_000, now: () => clock.ms };
  return { clock, recent: new Recent<{ n: number }>(clock, 2000) };
}

test('an answer is used again until it is too old', async () => {
  const { clock, recent } = place();
  let n = 0;
  const load = async () => ({ n: ++n });
  const seen = [];
  for (const ms of [0, 1999, 1, 1000, -5000]) {
    clock.ms += ms;
    seen.push((await recent.find('a', load))?.n);
  }
  expect(seen).toEqual([1, 1, 2, 2, 3]);
});

test('what is missing is looked for each time', async () => {
  const { recent } = place();
  expect(await recent.find('a', async () => undefined)).toBeUndefined();
  expect(await recent.find('a', async () => ({ n: 1 }))).toEqual({ n: 1 });
});

test('what was read before a change is not remembered after it', async () => {
  const { recent } = place();
  const { promise, resolve } = Promise.withResolvers<{ n: number }>();
  const reading = recent.find('a', () => promise);
  recent.forget();
  resolve({ n: 1 });
  expect(await reading).toEqual({ n: 1 });
  expect(await recent.find('a', async () => ({ n: 2 }))).toEqual({ n: 2 });
});
