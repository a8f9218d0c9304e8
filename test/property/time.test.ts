import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import { GRAINS, PARTS } from '../../src/domain/time.ts';
import { difference } from '../support/oracle/differences.ts';
import { oracleSpec } from '../support/oracle/spec.ts';
import type { OracleColumn } from '../support/oracle/values.ts';
import { pivotIn, tableOf } from './directed.ts';
import { Harness, SETTINGS } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness[Symbol.asyncDispose]());

const COLUMNS: readonly OracleColumn[] = [
  { name: 'at', type: 'timestamptz' },
  { name: 'wall', type: 'timestamp' },
];
const HOUR = 3_600_000_000n;
/** Every 47 minutes for 15 months, over both changes of clocks and two ends of a year. */
const START = BigInt(Date.UTC(2023, 9, 1)) * 1000n;
const times = tableOf(
  COLUMNS,
  Array.from({ length: 3500 }, (_, i) => {
    const at = START + BigInt(i) * 187n * 60_000_000n;
    return [at, at];
  }),
);

const ZONES = ['UTC', 'Europe/Rome', 'Asia/Kolkata', 'America/St_Johns'];
const count = [{ agg: 'count', as: 'n' }] as const;

for (const timezone of ZONES)
  for (const field of ['at', 'wall'])
    test(`every grain of ${field === 'at' ? 'an instant' : 'a wall clock'} in ${timezone} is the calendar's`, async () => {
      const source = await harness.publish(times);
      for (const grain of [...GRAINS.slice(2), ...PARTS])
        for (const weekStart of ['monday', 'sunday'] as const) {
          const spec = {
            from: { dataset: 'test' },
            dimensions: [{ field, grain }],
            measures: [...count],
            timezone,
            weekStart,
          };
          const { answer } = await harness.ask({ kind: 'spec', spec }, source);
          const { totalRows, ...expected } = oracleSpec(times, spec, SETTINGS);
          expect(totalRows).toBeGreaterThan(0);
          expect(difference(answer, expected)).toBeUndefined();
        }
    });

for (const timezone of ZONES)
  test(`the days that a filter keeps are the days that a group shows in ${timezone}`, async () => {
    const ask = async (field: string) => {
      const { answer } = await pivotIn(harness, times, {
        rows: [{ field, grain: 'day', as: 'day' }],
        measures: [...count],
        where: { field, op: 'during', range: { from: '2024-03-30', to: '2024-04-02' } },
        timezone,
      } as Omit<PivotSpec, 'from'>);
      return answer.rows.members.flat();
    };
    const days = ['2024-03-30', '2024-03-31', '2024-04-01'];
    expect(await ask('at')).toEqual(days);
    expect(await ask('wall')).toEqual(days);
  });

test('a month of the report zone takes the hours that are another month in UTC', async () => {
  const edge = tableOf(COLUMNS, [
    [BigInt(Date.UTC(2024, 0, 31, 20)) * 1000n, null],
    [BigInt(Date.UTC(2024, 1, 1, 3)) * 1000n, null],
  ]);
  const months = async (timezone: string) => {
    const { answer } = await pivotIn(harness, edge, {
      rows: [{ field: 'at', grain: 'month' }],
      measures: [...count],
      timezone,
    });
    return Object.fromEntries(answer.rows.members.map(([month], i) => [month, answer.cells[i]![0]]));
  };
  expect(await months('UTC')).toEqual({ '2024-01-01': 1, '2024-02-01': 1 });
  expect(await months('Asia/Kolkata')).toEqual({ '2024-02-01': 2 });
  expect(await months('America/St_Johns')).toEqual({ '2024-01-01': 2 });
});

test('hour of day is that of the report zone, half hours too', async () => {
  const one = tableOf(COLUMNS, [
    [BigInt(Date.UTC(2024, 6, 1, 12, 45)) * 1000n, BigInt(Date.UTC(2024, 6, 1, 12, 45)) * 1000n],
  ]);
  const hour = async (timezone: string, field: string) => {
    const { answer } = await pivotIn(harness, one, {
      rows: [{ field, grain: 'hourOfDay' }],
      measures: [...count],
      timezone,
    });
    return answer.rows.members;
  };
  expect(await hour('Asia/Kolkata', 'at')).toEqual([[18]]);
  expect(await hour('America/St_Johns', 'at')).toEqual([[10]]);
  expect(await hour('Asia/Kolkata', 'wall')).toEqual([[12]]);
});

test('the hour that comes twice in Rome is two groups with two offsets', async () => {
  const first = BigInt(Date.UTC(2024, 9, 27, 0, 30)) * 1000n;
  const { answer } = await pivotIn(
    harness,
    tableOf(COLUMNS, [
      [first, null],
      [first + HOUR, null],
    ]),
    {
      rows: [{ field: 'at', grain: 'hour' }],
      measures: [...count],
      timezone: 'Europe/Rome',
    },
  );
  expect(answer.rows.members).toEqual([['2024-10-27T02:00:00+02:00'], ['2024-10-27T02:00:00+01:00']]);
});

test('a week that starts on Sunday holds its Sunday, in filter and in group', async () => {
  const sunday = BigInt(Date.UTC(2024, 2, 31, 9)) * 1000n;
  const ask = async (weekStart: 'monday' | 'sunday') => {
    const { answer } = await pivotIn(harness, tableOf(COLUMNS, [[sunday, sunday]]), {
      rows: [{ field: 'at', grain: 'week' }],
      measures: [...count],
      where: { field: 'at', op: 'during', range: { preset: 'thisWeek' } },
      weekStart,
    });
    return answer.rows.members;
  };
  expect(await ask('sunday')).toEqual([['2024-03-31']]);
  expect(await ask('monday')).toEqual([['2024-03-25']]);
});
