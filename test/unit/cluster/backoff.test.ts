import { expect, test } from 'bun:test';
import { Backoff } from '../../../src/cluster/backoff.ts';

test('the first failure is put right at once, further ones ever later, a long life forgives', () => {
  const backoff = new Backoff();
  expect([1, 1, 1, 1].map((ms) => backoff.failed(ms))).toEqual([0, 250, 500, 1000]);
  expect(backoff.failures).toBe(4);
  expect(backoff.failed(60_000)).toBe(0);
  expect(backoff.failures).toBe(0);
  for (let i = 0; i < 20; i++) backoff.failed(1);
  expect(backoff.failed(1)).toBe(30_000);
});
