import { expect, test } from 'bun:test';
import type { NextInstant } from '../../../src/domain/instants.ts';
import { dueInstants } from '../../../src/jobs/missed.ts';

const HOUR = 3_600_000;
const every =
  (ms: number): NextInstant =>
  (after) =>
    (Math.floor(after / ms) + 1) * ms;
const rule = { missedAfterMs: 60_000, most: 3 };

const CASES: [
  what: string,
  catchUp: 'skip' | 'latest' | 'all',
  nowH: number,
  run: number[],
  skipped: number,
  next: number,
][] = [
  ['on time', 'skip', 1.001, [1], 0, 2],
  ['on time', 'latest', 1.001, [1], 0, 2],
  ['on time', 'all', 1.001, [1], 0, 2],
  ['half an hour late, none', 'skip', 1.5, [], 1, 2],
  ['half an hour late, the last', 'latest', 1.5, [1], 0, 2],
  ['two missed and one fresh, none of the missed', 'skip', 3.001, [3], 2, 4],
  ['three missed, the last', 'latest', 3.5, [3], 2, 4],
  ['three missed, all', 'all', 3.5, [1, 2, 3], 0, 4],
  ['five missed, as many as the cap lets', 'all', 5.5, [3, 4, 5], 2, 6],
];
test.each(CASES)('%s: %s', (_, catchUp, nowH, run, skipped, next) => {
  const due = dueInstants(every(HOUR), HOUR, nowH * HOUR, { ...rule, catchUp });
  expect({ ...due, run: due.run.map((ms) => ms / HOUR), next: due.next! / HOUR }).toMatchObject({
    run,
    skipped,
    next,
  });
  expect(due.isCapped).toBe(nowH === 5.5);
});

test('of more than are counted, as many are made up for as the cap lets, and the rest is declared', () => {
  const year = 365 * 24 * HOUR;
  const due = dueInstants(every(1000), 1000, year + 500, { ...rule, catchUp: 'all', most: 90 });
  expect(due.run).toEqual(Array.from({ length: 90 }, (_, i) => year - (89 - i) * 1000));
  expect(due).toMatchObject({ isCapped: true, lastSkipped: year - 90_000, next: year + 1000 });
});

test('a year of seconds missed is not gone through one by one', () => {
  const year = 365 * 24 * HOUR;
  let steps = 0;
  const counting: NextInstant = (after) => {
    steps++;
    return every(1000)(after);
  };
  const due = dueInstants(counting, 1000, year + 500, { ...rule, catchUp: 'latest' });
  expect(due.run).toEqual([year]);
  expect(due.next).toBe(year + 1000);
  expect(due.skipped).toBeGreaterThan(1000);
  expect(steps).toBeLessThan(11_000);
});
