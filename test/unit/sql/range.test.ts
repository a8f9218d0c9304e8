import { describe, expect, test } from 'bun:test';
import type { Range } from '../../../src/domain/time.ts';
import { type Clock, resolveRange } from '../../../src/sql/range.ts';

const at = (now: string, timezone = 'UTC', weekStart: Clock['weekStart'] = 'monday'): Clock => ({
  nowMs: Date.parse(now),
  timezone,
  weekStart,
});

const resolved = (range: Range, clock: Clock) => {
  const { from, to } = resolveRange(range, clock, '/where/range');
  return [from, to];
};

/** A Friday. */
const FRIDAY = at('2024-03-15T12:00:00Z');

describe('presets on Friday 15 March 2024', () => {
  test.each([
    ['today', '2024-03-15', '2024-03-16'],
    ['yesterday', '2024-03-14', '2024-03-15'],
    ['tomorrow', '2024-03-16', '2024-03-17'],
    ['thisWeek', '2024-03-11', '2024-03-18'],
    ['lastWeek', '2024-03-04', '2024-03-11'],
    ['nextWeek', '2024-03-18', '2024-03-25'],
    ['thisMonth', '2024-03-01', '2024-04-01'],
    ['lastMonth', '2024-02-01', '2024-03-01'],
    ['nextMonth', '2024-04-01', '2024-05-01'],
    ['thisQuarter', '2024-01-01', '2024-04-01'],
    ['lastQuarter', '2023-10-01', '2024-01-01'],
    ['nextQuarter', '2024-04-01', '2024-07-01'],
    ['thisYear', '2024-01-01', '2025-01-01'],
    ['lastYear', '2023-01-01', '2024-01-01'],
    ['nextYear', '2025-01-01', '2026-01-01'],
    ['wtd', '2024-03-11', '2024-03-16'],
    ['mtd', '2024-03-01', '2024-03-16'],
    ['qtd', '2024-01-01', '2024-03-16'],
    ['ytd', '2024-01-01', '2024-03-16'],
    ['endOfWeek', '2024-03-17', '2024-03-18'],
    ['endOfMonth', '2024-03-31', '2024-04-01'],
    ['endOfQuarter', '2024-03-31', '2024-04-01'],
    ['endOfYear', '2024-12-31', '2025-01-01'],
    ['last1Days', '2024-03-14', '2024-03-15'],
    ['last7Days', '2024-03-08', '2024-03-15'],
    ['last4Weeks', '2024-02-12', '2024-03-11'],
    ['last12Months', '2023-03-01', '2024-03-01'],
    ['last2Quarters', '2023-07-01', '2024-01-01'],
    ['last3Years', '2021-01-01', '2024-01-01'],
  ])('%s is %s to %s', (preset, from, to) => {
    expect(resolved({ preset }, FRIDAY)).toEqual([from, to]);
  });

  test.each(['last0Days', 'last7days', 'LAST7DAYS', 'last999999Days', 'lastNDays', 'toString'])(
    '%s is unknown',
    (preset) => {
      expect(() => resolved({ preset }, FRIDAY)).toThrow('no such preset');
    },
  );
});

describe('composed ranges', () => {
  test.each<[Range, Clock, string, string]>([
    [{ last: { n: 7, unit: 'day' }, includeCurrent: true }, FRIDAY, '2024-03-09', '2024-03-16'],
    [{ last: { n: 1, unit: 'month' }, includeCurrent: true }, FRIDAY, '2024-03-01', '2024-04-01'],
    [{ last: { n: 1, unit: 'year' } }, at('2024-01-01T00:00:00Z'), '2023-01-01', '2024-01-01'],
    [{ period: 'month', offset: -1, span: 'toDate' }, FRIDAY, '2024-02-01', '2024-02-16'],
    [{ period: 'month', offset: -1, span: 'toDate' }, at('2024-03-31T10:00:00Z'), '2024-02-01', '2024-03-01'],
    [{ period: 'month', offset: -1, span: 'toDate' }, at('2023-03-31T10:00:00Z'), '2023-02-01', '2023-03-01'],
    [{ period: 'quarter', offset: -1, span: 'toDate' }, FRIDAY, '2023-10-01', '2023-12-16'],
    [{ period: 'week', offset: -1, span: 'toDate' }, FRIDAY, '2024-03-04', '2024-03-09'],
    [{ period: 'year', offset: -1, span: 'toDate' }, at('2024-02-29T10:00:00Z'), '2023-01-01', '2023-03-01'],
    [{ period: 'year', shiftYears: -1 }, FRIDAY, '2023-01-01', '2024-01-01'],
    [
      { period: 'month', span: 'toDate', shiftYears: -1 },
      at('2024-02-29T10:00:00Z'),
      '2023-02-01',
      '2023-03-01',
    ],
    [{ period: 'month', span: 'end', offset: -1 }, FRIDAY, '2024-02-29', '2024-03-01'],
    [{ period: 'month', span: 'end', offset: 11 }, FRIDAY, '2025-02-28', '2025-03-01'],
    [{ period: 'week' }, at('2024-12-31T12:00:00Z'), '2024-12-30', '2025-01-06'],
    [{ period: 'week' }, at('2025-01-01T12:00:00Z', 'UTC', 'sunday'), '2024-12-29', '2025-01-05'],
    [{ period: 'week' }, at('2024-03-16T12:00:00Z', 'UTC', 'saturday'), '2024-03-16', '2024-03-23'],
    [{ period: 'week' }, at('2024-03-15T12:00:00Z', 'UTC', 'saturday'), '2024-03-09', '2024-03-16'],
    [{ period: 'quarter' }, at('2024-12-31T23:59:59.999Z'), '2024-10-01', '2025-01-01'],
    [{ period: 'day', offset: 1 }, at('2024-02-28T12:00:00Z'), '2024-02-29', '2024-03-01'],
    [{ period: 'day', offset: 1 }, at('2023-02-28T12:00:00Z'), '2023-03-01', '2023-03-02'],
  ])('%j at %j is %s to %s', (range, clock, from, to) => {
    expect(resolved(range, clock)).toEqual([from, to]);
  });
});

describe('today is the local day', () => {
  test.each([
    ['Europe/Rome', '2024-05-31T22:30:00Z', '2024-06-01'],
    ['Asia/Kolkata', '2024-05-31T19:00:00Z', '2024-06-01'],
    ['America/St_Johns', '2024-01-01T03:00:00Z', '2023-12-31'],
    ['UTC', '2024-01-01T00:30:00Z', '2024-01-01'],
  ])('in %s at %s it is %s', (timezone, now, from) => {
    expect(resolved({ preset: 'today' }, at(now, timezone))[0]).toBe(from);
  });

  test('so a month and a year begin where the caller is', () => {
    expect(resolved({ preset: 'thisMonth' }, at('2024-05-31T22:30:00Z', 'Europe/Rome'))).toEqual([
      '2024-06-01',
      '2024-07-01',
    ]);
    expect(resolved({ preset: 'lastYear' }, at('2024-01-01T03:00:00Z', 'America/St_Johns'))).toEqual([
      '2022-01-01',
      '2023-01-01',
    ]);
  });
});

describe('units below a day', () => {
  test('complete hours end with the last full one', () => {
    expect(resolved({ last: { n: 3, unit: 'hour' } }, at('2024-03-15T12:34:56Z'))).toEqual([
      '2024-03-15T09:00:00',
      '2024-03-15T12:00:00',
    ]);
  });

  test('the current one may be counted in', () => {
    const range: Range = { last: { n: 15, unit: 'minute' }, includeCurrent: true };
    expect(resolved(range, at('2024-03-15T12:34:56Z', 'Asia/Kolkata'))).toEqual([
      '2024-03-15T17:50:00',
      '2024-03-15T18:05:00',
    ]);
  });

  test('hours are counted as they pass when daylight saving ends', () => {
    const clock = at('2024-10-27T02:30:00Z', 'Europe/Rome');
    expect(resolveRange({ last: { n: 3, unit: 'hour' } }, clock, '')).toEqual({
      from: '2024-10-27T01:00:00',
      to: '2024-10-27T03:00:00',
      instants: { from: '2024-10-26T23:00:00Z', to: '2024-10-27T02:00:00Z' },
    });
  });
});

test('explicit ends stay as they were given', () => {
  expect(resolved({ from: '2024-01-01' }, FRIDAY)).toEqual(['2024-01-01', undefined]);
  expect(resolved({ from: '2024-01-01T10:00', to: '2024-01-02T00:00:00Z' }, FRIDAY)).toEqual([
    '2024-01-01T10:00',
    '2024-01-02T00:00:00Z',
  ]);
});
