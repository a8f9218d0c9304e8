import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { REFUSED_MS, Strikes } from '../../../src/isolation/strikes.ts';

function refusalOf(strikes: Strikes, job: unknown): string {
  try {
    strikes.refuse('sql', job);
    return 'allowed';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

test('a statement is refused after it ended its process twice, and others are not', () => {
  const strikes = new Strikes();
  expect(strikes.add('sql', { text: 'a' }).refusal).toBeUndefined();
  expect(refusalOf(strikes, { text: 'a' })).toBe('allowed');
  expect(strikes.add('sql', { text: 'a' }).refusal?.code).toBe('query.dangerous');
  expect(refusalOf(strikes, { text: 'a' })).toBe('query.dangerous');
  expect(refusalOf(strikes, { text: 'b' })).toBe('allowed');
  expect(strikes.list()).toMatchObject([{ strikes: 2, refusedForS: REFUSED_MS / 1000 }]);
});

test('an answer clears what was held against a statement', () => {
  const strikes = new Strikes();
  strikes.add('sql', { text: 'a' });
  strikes.clear('sql', { text: 'a' });
  expect(strikes.add('sql', { text: 'a' }).refusal).toBeUndefined();
});

test('a refusal ends', () => {
  let now = 1000;
  const strikes = new Strikes(() => now);
  for (const _ of [1, 2]) strikes.add('sql', { text: 'a' });
  now += REFUSED_MS - 1;
  expect(refusalOf(strikes, { text: 'a' })).toBe('query.dangerous');
  now += 1;
  expect(refusalOf(strikes, { text: 'a' })).toBe('allowed');
  expect(strikes.list()).toEqual([]);
});

test('it remembers a bounded number of statements', () => {
  const strikes = new Strikes();
  for (let i = 0; i < 1500; i++) for (const _ of [1, 2]) strikes.add('sql', i);
  expect(strikes.list()).toHaveLength(1000);
  expect(refusalOf(strikes, 0)).toBe('allowed');
  expect(refusalOf(strikes, 1499)).toBe('query.dangerous');
});
