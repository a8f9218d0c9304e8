import { expect, test } from 'bun:test';
import { inSlices } from '../../../src/base/slices.ts';

function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test('all is done in order, and the loop turns in between', async () => {
  const done: (number | string)[] = [];
  setTimeout(() => done.push('timer'), 5);
  await inSlices(Array(50).keys(), (item) => {
    work(1);
    done.push(item);
  });
  expect(done.filter((item) => item !== 'timer')).toEqual([...Array(50).keys()]);
  expect(done.indexOf('timer')).toBeGreaterThan(0);
  expect(done.indexOf('timer')).toBeLessThan(49);
});

test('lanes share one iterator; what comes meanwhile is done, what leaves is not; a failure is told', async () => {
  const items = new Set([1, 2, 3, 4]);
  const left = items.values();
  const done: number[] = [];
  const lane = () =>
    inSlices(left, async (item) => {
      if (item === 1) {
        items.delete(3);
        items.add(5);
      }
      await Promise.resolve();
      done.push(item);
    });
  await Promise.all([lane(), lane()]);
  expect(done.sort()).toEqual([1, 2, 4, 5]);
  const failed = inSlices([1], async () => Promise.reject(new Error('broken')));
  await expect(failed).rejects.toThrow('broken');
});
