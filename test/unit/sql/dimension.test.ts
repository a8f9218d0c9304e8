import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import type { Column } from '../../../src/domain/column.ts';
import { GRAINS, type Grain, PARTS, type Part, WEEKDAYS, type Weekday } from '../../../src/domain/time.ts';
import { sql } from '../../../src/sql/ast.ts';
import { compileDimension } from '../../../src/sql/dimension.ts';
import { openDatabase, scopeOf, type TestDatabase, table } from './duckdb.ts';

const COLUMNS: Column[] = [
  { name: 'at', type: 'timestamptz' },
  { name: 'wall', type: 'timestamp' },
  { name: 'day', type: 'date' },
  { name: 'x', type: 'float' },
  { name: 'name', type: 'text' },
];

const ZONES = ['UTC', 'Europe/Rome', 'Asia/Kolkata', 'America/St_Johns', 'Australia/Lord_Howe'];

/** Around both changes of daylight saving of several zones, the ends of years, a leap day, and midnight. */
const INSTANTS = [
  '2024-03-31T00:30:15.250Z',
  '2024-03-31T00:59:59.999Z',
  '2024-03-31T01:00:00Z',
  '2024-10-27T00:15:00Z',
  '2024-10-27T00:45:00Z',
  '2024-10-27T01:15:00Z',
  '2024-10-27T01:45:00Z',
  '2024-03-10T05:29:59Z',
  '2024-03-10T05:30:00Z',
  '2024-11-03T03:45:00Z',
  '2024-11-03T04:15:00Z',
  '2024-11-03T04:45:00Z',
  '2024-11-03T05:15:00Z',
  '2024-04-06T14:45:00Z',
  '2024-04-06T15:15:00Z',
  '2023-12-31T22:30:00Z',
  '2023-12-31T23:30:00Z',
  '2024-01-01T00:00:00Z',
  '2024-02-29T18:29:59Z',
  '2024-02-29T18:30:00Z',
  '2020-12-31T23:59:59Z',
  '2021-01-01T12:00:00Z',
  '2021-01-03T12:00:00Z',
  '2021-01-04T00:00:00Z',
  '1969-12-31T23:59:59.5Z',
];

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
  const values = INSTANTS.map(
    (text, id) => `(${id}, TIMESTAMPTZ '${text}', TIMESTAMP '${text.replace('Z', '')}')`,
  );
  await db.run(`CREATE TABLE t AS SELECT id, instant AS "at", wall, CAST(wall AS DATE) AS day
    FROM (VALUES ${values.join(', ')}) v(id, instant, wall)`);
});
afterAll(() => db[Symbol.asyncDispose]());

async function groupsOf(field: string, grain: Grain | Part, timezone: string, weekStart: Weekday) {
  const scope = scopeOf(COLUMNS, { timezone, weekStart });
  const { sql: value, type } = compileDimension({ field, grain }, scope, '/dimensions/0');
  const shown = type === 'integer' ? value : sql`CAST(${value} AS VARCHAR)`;
  const rows = await db.rows(sql`SELECT ${shown} FROM ${table('t')} ORDER BY id`);
  return rows.map(([group]) => String(group));
}

function startOfWeek(date: Temporal.PlainDate, weekStart: Weekday): Temporal.PlainDate {
  let day = date;
  while (WEEKDAYS[day.dayOfWeek - 1] !== weekStart) day = day.subtract({ days: 1 });
  return day;
}

/** By counting days, not by the formula of the code: the week's year is that of its fourth day. */
function weekOfYear(date: Temporal.PlainDate, weekStart: Weekday): number {
  const start = startOfWeek(date, weekStart);
  const year = start.add({ days: 3 }).year;
  let week = 1;
  for (
    let day = start.subtract({ days: 7 });
    day.add({ days: 3 }).year === year;
    day = day.subtract({ days: 7 })
  )
    week += 1;
  return week;
}

type Naive = (local: Temporal.PlainDateTime, weekStart: Weekday) => string;
const date = (year: number, month: number) => new Temporal.PlainDate(year, month, 1).toString();
const dayOf = (local: Temporal.PlainDateTime) => local.toPlainDate();

const NAIVE: Record<Exclude<Grain, 'second' | 'minute' | 'hour'> | Part, Naive> = {
  day: (local) => dayOf(local).toString(),
  week: (local, weekStart) => startOfWeek(dayOf(local), weekStart).toString(),
  month: ({ year, month }) => date(year, month),
  quarter: ({ year, month }) => date(year, [1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10][month - 1]!),
  year: ({ year }) => date(year, 1),
  hourOfDay: ({ hour }) => String(hour),
  dayOfWeek: (local, weekStart) => {
    const start = startOfWeek(dayOf(local), weekStart);
    return String(dayOf(local).since(start).days + 1);
  },
  dayOfMonth: ({ day }) => String(day),
  weekOfYear: (local, weekStart) => String(weekOfYear(dayOf(local), weekStart)),
  monthOfYear: ({ month }) => String(month),
  quarterOfYear: ({ month }) => String(Math.ceil(month / 3)),
};

const text = (local: Temporal.PlainDateTime) => local.toString().replace('T', ' ');

for (const timezone of ZONES)
  describe(`in ${timezone}`, () => {
    const locals = INSTANTS.map((instant) => Temporal.Instant.from(instant).toZonedDateTimeISO(timezone));

    for (const grain of Object.keys(NAIVE) as (keyof typeof NAIVE)[])
      test.each(['monday', 'sunday', 'saturday'] as const)(
        `${grain} of an instant, weeks from %s`,
        async (weekStart) => {
          const expected = locals.map((at) => NAIVE[grain](at.toPlainDateTime(), weekStart));
          expect(await groupsOf('at', grain, timezone, weekStart)).toEqual(expected);
        },
      );

    test.each(['second', 'minute', 'hour'] as const)('%s of an instant stays an instant', async (grain) => {
      const expected = locals.map((at) => {
        const local = at.toPlainDateTime();
        const cut = local.since(local.round({ smallestUnit: grain, roundingMode: 'trunc' }));
        return Date.parse(at.toInstant().subtract(cut).toString());
      });
      const groups = await groupsOf('at', grain, timezone, 'monday');
      expect(groups.map((group) => Date.parse(group.replace(' ', 'T').replace('+00', 'Z')))).toEqual(
        expected,
      );
    });

    test.each([...GRAINS, ...PARTS])('%s of a wall clock is never shifted', async (grain) => {
      expect(await groupsOf('wall', grain, timezone, 'sunday')).toEqual(
        await groupsOf('wall', grain, 'UTC', 'sunday'),
      );
    });
  });

test('grains of a wall clock', async () => {
  const locals = INSTANTS.map((instant) => Temporal.PlainDateTime.from(instant.replace('Z', '')));
  for (const grain of Object.keys(NAIVE) as (keyof typeof NAIVE)[])
    expect(await groupsOf('wall', grain, 'Asia/Kolkata', 'saturday')).toEqual(
      locals.map((local) => NAIVE[grain](local, 'saturday')),
    );
  for (const grain of ['second', 'minute', 'hour'] as const)
    expect(await groupsOf('wall', grain, 'Asia/Kolkata', 'monday')).toEqual(
      locals.map((local) =>
        text(local.round({ smallestUnit: grain, roundingMode: 'trunc' })).padEnd(19, ':00'),
      ),
    );
});

test('grains of a date', async () => {
  const locals = INSTANTS.map((instant) => Temporal.PlainDate.from(instant.slice(0, 10)).toPlainDateTime());
  for (const grain of (Object.keys(NAIVE) as (keyof typeof NAIVE)[]).filter((name) => name !== 'hourOfDay'))
    for (const weekStart of WEEKDAYS)
      expect(await groupsOf('day', grain, 'America/St_Johns', weekStart)).toEqual(
        locals.map((local) => NAIVE[grain](local, weekStart)),
      );
});

test('the hour that comes twice is two groups, and the local half hour starts groups in India', async () => {
  const rome = await groupsOf('at', 'hour', 'Europe/Rome', 'monday');
  expect(rome.slice(3, 7)).toEqual([
    '2024-10-27 00:00:00+00',
    '2024-10-27 00:00:00+00',
    '2024-10-27 01:00:00+00',
    '2024-10-27 01:00:00+00',
  ]);
  const kolkata = await groupsOf('at', 'hour', 'Asia/Kolkata', 'monday');
  expect(kolkata.slice(3, 5)).toEqual(['2024-10-26 23:30:00+00', '2024-10-27 00:30:00+00']);
});

test('every week of forty years has the number that ISO gives it', async () => {
  const scope = scopeOf([{ name: 'd', type: 'date' }]);
  const { sql: week } = compileDimension({ field: 'd', grain: 'weekOfYear' }, scope, '');
  const wrong = await db.rows(
    sql`SELECT d FROM (SELECT CAST(unnest(range(DATE '1990-01-01', DATE '2030-12-31', INTERVAL 1 DAY)) AS DATE) AS d) WHERE ${week} <> extract(week FROM d)`,
  );
  expect(wrong).toEqual([]);
});

test('types of the answer', () => {
  const typeOf = (field: string, grain: Grain | Part) =>
    compileDimension({ field, grain }, scopeOf(COLUMNS), '').type;
  expect(typeOf('at', 'month')).toBe('date');
  expect(typeOf('at', 'hour')).toBe('timestamptz');
  expect(typeOf('wall', 'minute')).toBe('timestamp');
  expect(typeOf('day', 'week')).toBe('date');
  expect(typeOf('at', 'hourOfDay')).toBe('integer');
});

test('names: the field, or as', () => {
  expect(compileDimension('day', scopeOf(COLUMNS), '').name).toBe('day');
  expect(compileDimension({ field: 'day', grain: 'month' }, scopeOf(COLUMNS), '').name).toBe('day');
  expect(compileDimension({ field: 'day', as: 'd' }, scopeOf(COLUMNS), '').name).toBe('d');
});

test.each([
  [{ field: 'day', grain: 'hour' }, 'query.type', '/rows/0/grain'],
  [{ field: 'day', grain: 'hourOfDay' }, 'query.type', '/rows/0/grain'],
  [{ field: 'name', grain: 'month' }, 'query.type', '/rows/0/grain'],
  [{ field: 'x', grain: 'dayOfWeek' }, 'query.type', '/rows/0/grain'],
  [{ field: 'nowhere' }, 'query.field', '/rows/0/field'],
  ['nowhere', 'query.field', '/rows/0'],
  [{ as: 'y' }, 'request.invalid', '/rows/0'],
] as const)('%j is refused', (dimension, code, pointer) => {
  let fault: unknown;
  try {
    compileDimension(dimension, scopeOf(COLUMNS), '/rows/0');
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(AppError);
  expect(fault).toMatchObject({ code, pointer });
});

test('zeros of both signs are one group, NaNs are one group, texts are told apart exactly', async () => {
  await db.run(`CREATE OR REPLACE TABLE odd AS SELECT * FROM (VALUES
    (0.0::DOUBLE, 'a'), (-0.0::DOUBLE, 'A'), ('NaN'::DOUBLE, 'a '), (-'NaN'::DOUBLE, 'á'), (NULL, NULL)) v(x, name)`);
  const count = async (field: string) => {
    const { sql: value } = compileDimension(field, scopeOf(COLUMNS), '');
    return (
      await db.rows(
        sql`SELECT CAST(v AS VARCHAR), n FROM (SELECT ${value} AS v, count(*) AS n FROM odd GROUP BY 1) ORDER BY v NULLS LAST`,
      )
    ).map((row) => row.map(String));
  };
  expect(await count('x')).toEqual([
    ['0.0', '2'],
    ['nan', '2'],
    ['null', '1'],
  ]);
  expect((await count('name')).map(([name]) => name)).toEqual(['A', 'a', 'a ', 'á', 'null']);
});

test('a zero without a sign is shown where only the other was there', async () => {
  const { sql: value } = compileDimension('x', scopeOf(COLUMNS), '');
  expect(await db.rows(sql`SELECT CAST(${value} AS VARCHAR) FROM (SELECT -0.0::DOUBLE AS x)`)).toEqual([
    ['0.0'],
  ]);
});
