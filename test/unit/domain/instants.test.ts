import { describe, expect, test } from 'bun:test';
import { type Holiday, PLAIN_CALENDAR } from '../../../src/domain/calendar.ts';
import { instantsAfter, nextInstantOf } from '../../../src/domain/instants.ts';
import type { ScheduleTiming } from '../../../src/domain/schedule.ts';
import { workingDays } from '../../../src/domain/working-days.ts';

const after = (timing: ScheduleTiming, from: string, count: number, holidays: Holiday[] = []) => {
  const days = workingDays({ ...PLAIN_CALENDAR, holidays });
  return instantsAfter(nextInstantOf(timing, days), Date.parse(from), count).map((ms) =>
    new Date(ms).toISOString().replace(':00.000Z', 'Z'),
  );
};

describe('daylight saving: what does not exist runs at the next valid instant, what comes twice runs once', () => {
  const CASES: [zone: string, cron: string, from: string, expected: string[]][] = [
    // Forward: the wall clock skips 02:00–03:00.
    ['Europe/Rome', '30 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['America/New_York', '30 2 * * *', '2026-03-07T12:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:30Z']],
    // Half an hour is skipped: 02:00–02:30.
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T06:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:15Z']],
    // Midnight does not exist.
    ['America/Santiago', '0 0 * * *', '2026-09-05T12:00Z', ['2026-09-06T04:00Z', '2026-09-07T03:00Z']],
    // All that falls into the gap comes as one.
    ['Europe/Rome', '*/15 2 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['Europe/Rome', '30 2,3 * * *', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-29T01:30Z']],
    // Back: the hour comes twice.
    ['Europe/Rome', '30 2 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['Europe/Rome', '30 2 * * *', '2026-10-25T00:30Z', ['2026-10-26T01:30Z']],
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T06:00Z', ['2026-04-04T14:45Z', '2026-04-05T15:15Z']],
    ['America/Santiago', '30 23 * * *', '2026-04-04T12:00Z', ['2026-04-05T02:30Z', '2026-04-06T03:30Z']],
    ['Europe/Rome', '30 2,3 * * *', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-25T02:30Z']],
    ['Europe/Rome', '0,30 2 * * *', '2026-10-25T00:30Z', ['2026-10-26T01:00Z']],
    // What is told by steps goes on through it.
    ['Europe/Rome', '*/30 * * * *', '2026-03-29T00:30Z', ['2026-03-29T01:00Z', '2026-03-29T01:30Z']],
    ['Europe/Rome', '*/30 * * * *', '2026-10-25T00:30Z', ['2026-10-25T01:00Z', '2026-10-25T01:30Z']],
  ];
  test.each(CASES)('%s %s after %s', (timezone, cron, from, expected) => {
    expect(after({ cron, timezone }, from, expected.length)).toEqual(expected);
  });
});

describe('days off', () => {
  const CHRISTMAS: Holiday[] = [{ month: 12, day: 25 }];
  const CASES: [what: string, timing: Partial<ScheduleTiming>, expected: string[]][] = [
    ['run', {}, ['2026-12-24T09:00Z', '2026-12-25T09:00Z', '2026-12-26T09:00Z']],
    ['skip', { onHoliday: 'skip' }, ['2026-12-24T09:00Z', '2026-12-28T09:00Z', '2026-12-29T09:00Z']],
    ['next, once', { onHoliday: 'next', cron: '0 9 25,26 12 *' }, ['2026-12-28T09:00Z', '2027-12-27T09:00Z']],
    ['previous', { onHoliday: 'previous', cron: '0 9 27 12 *' }, ['2026-12-24T09:00Z', '2027-12-27T09:00Z']],
    ['last working day', { onlyOn: 'lastWorkingDay' }, ['2026-12-31T09:00Z', '2027-01-29T09:00Z']],
    ['first working day', { onlyOn: 'firstWorkingDay' }, ['2027-01-01T09:00Z', '2027-02-01T09:00Z']],
  ];
  test.each(CASES)('%s', (_, timing, expected) => {
    const complete = { cron: '0 9 * * *', ...timing };
    expect(after(complete, '2026-12-23T10:00Z', expected.length, CHRISTMAS)).toEqual(expected);
  });

  test('times of every second are moved without a walk through the day, and a day that never comes ends the search', () => {
    const startedMs = performance.now();
    const seconds = { cron: '* * 0-23 * * *', onHoliday: 'next' } as const;
    expect(after(seconds, '2026-12-26T10:00Z', 10)[0]).toBe('2026-12-28T00:00Z');
    expect(after({ cron: '0 9 30 2 *', onHoliday: 'previous' }, '2026-12-26T10:00Z', 1)).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(300);
  });

  const HOLIDAYS: [what: string, holiday: Holiday, days: string[]][] = [
    ['Easter Monday', { easter: 1 }, ['2025-04-21', '2026-04-06', '2027-03-29']],
    ['orthodox Easter', { easter: 0, church: 'orthodox' }, ['2025-04-20', '2026-04-12', '2027-05-02']],
    ['Thanksgiving', { month: 11, weekday: 'thursday', nth: 4 }, ['2025-11-27', '2026-11-26', '2027-11-25']],
    ['Memorial Day', { month: 5, weekday: 'monday', nth: -1 }, ['2025-05-26', '2026-05-25', '2027-05-31']],
    ['a date', { date: '2026-05-14' }, ['2026-05-14']],
    ['leap day', { month: 2, day: 29 }, ['2028-02-29']],
  ];
  test.each(HOLIDAYS)('%s', (_, holiday, days) => {
    const { isWorking } = workingDays({ weekend: [], holidays: [holiday] });
    const found: string[] = [];
    for (let ms = Date.parse('2025-01-01'); ms < Date.parse('2028-12-31'); ms += 86_400_000)
      if (!isWorking(ms / 86_400_000)) found.push(new Date(ms).toISOString().slice(0, 10));
    expect(found.slice(0, days.length)).toEqual(days);
  });
});

describe('blackout windows', () => {
  const night = { from: '22:00', to: '06:00' };
  const CASES: [what: string, timing: ScheduleTiming, expected: string[]][] = [
    [
      'what falls inside runs at the end, once',
      { cron: '0 * * * *', blackout: [{ from: '10:00', to: '12:30' }] },
      ['2026-05-04T09:00Z', '2026-05-04T12:30Z', '2026-05-04T13:00Z'],
    ],
    [
      'over midnight',
      { cron: '0 5,23 * * *', blackout: [night] },
      ['2026-05-04T06:00Z', '2026-05-05T06:00Z', '2026-05-06T06:00Z'],
    ],
    [
      'on some days, told in a zone',
      {
        cron: '0 9 * * *',
        blackout: [{ days: ['tuesday'], from: '10:00', to: '12:00', timezone: 'Europe/Rome' }],
      },
      ['2026-05-04T09:00Z', '2026-05-05T10:00Z', '2026-05-06T09:00Z'],
    ],
    [
      'one after another',
      {
        cron: '0 9 * * *',
        blackout: [
          { from: '08:00', to: '10:00' },
          { from: '10:00', to: '11:00' },
        ],
      },
      ['2026-05-04T11:00Z', '2026-05-05T11:00Z'],
    ],
    [
      'windows without an end: never',
      { cron: '0 9 * * *', blackout: [night, { from: '06:00', to: '22:00' }] },
      [],
    ],
  ];
  test.each(CASES)('%s', (_, timing, expected) => {
    const from = expected[0] === '2026-05-04T06:00Z' ? '2026-05-04T00:00Z' : '2026-05-04T08:00Z';
    expect(after(timing, from, Math.max(1, expected.length))).toEqual(expected);
  });
});

describe('what is refused', () => {
  const BAD: [timing: ScheduleTiming, pointer: string][] = [
    [{ cron: 'every day' }, '/cron'],
    [{ cron: '61 * * * *' }, '/cron'],
    [{ cron: '* * * * * * *' }, '/cron'],
    [{ cron: '@daily' }, '/cron'],
    [{ cron: '0 9 * * *', timezone: 'Mars/Olympus' }, '/timezone'],
    [{ cron: '*/5 * * * *', onHoliday: 'next' }, '/onHoliday'],
    [{ cron: '0 9 * * *', onHoliday: 'next', onlyOn: 'lastWorkingDay' }, '/onlyOn'],
    [{ cron: '0 9 * * *', blackout: [{ from: '10:00', to: '10:00' }] }, '/blackout/0/to'],
    [
      { cron: '0 9 * * *', blackout: [{ from: '10:00', to: '11:00', timezone: 'x' }] },
      '/blackout/0/timezone',
    ],
  ];
  test.each(BAD)('%j', (timing, pointer) => {
    expect(() => after(timing, '2026-01-01T00:00Z', 1)).toThrow(expect.objectContaining({ pointer }));
  });

  test('what never comes is null, not a hang', () => {
    expect(after({ cron: '0 9 31 2 *' }, '2026-01-01T00:00Z', 1)).toEqual([]);
    expect(after({ cron: '* * * * * *' }, '2026-01-01T00:00Z', 2)).toHaveLength(2);
  });
});
