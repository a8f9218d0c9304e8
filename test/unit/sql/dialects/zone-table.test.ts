import { expect, test } from 'bun:test';
import { offsetText, zoneTable } from '../../../../src/sql/dialects/zone-table.ts';

const zones = zoneTable();

function offsetAt(timezone: string, iso: string, from = 1900, to = 2101): number {
  const { first, changes } = zones(timezone, from, to);
  const atS = Temporal.Instant.from(iso).epochMilliseconds / 1000;
  return changes.findLast((change) => change.atS <= atS)?.offsetS ?? first;
}

const ZONES = [
  'UTC',
  'Europe/Rome',
  'Asia/Kolkata',
  'America/St_Johns',
  'Asia/Riyadh',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
];

test.each(ZONES)('every month of two centuries has its offset in %s', (timezone) => {
  for (let month = 0; month < 200 * 12; month++) {
    const at = new Date(Date.UTC(1900, month, 17, 5)).toISOString();
    const wanted = Temporal.Instant.from(at).toZonedDateTimeISO(timezone).offsetNanoseconds / 1e9;
    expect([at, offsetAt(timezone, at)]).toEqual([at, wanted]);
  }
});

test('an offset changes at its second', () => {
  expect(offsetAt('Europe/Rome', '2024-03-31T00:59:59Z')).toBe(3600);
  expect(offsetAt('Europe/Rome', '2024-03-31T01:00:00Z')).toBe(7200);
});

test('outside of the years the nearest offset goes on', () => {
  const { changes } = zones('Europe/Rome', 1970, 2000);
  expect(changes.at(-1)).toEqual({ atS: Date.UTC(1999, 9, 31, 1) / 1000, offsetS: 3600 });
  expect(offsetAt('Europe/Rome', '2024-07-01T00:00:00Z', 1970, 2000)).toBe(3600);
});

test('a zone is worked out once, and no more than a hundred are kept', () => {
  const table = zoneTable();
  const first = table('Europe/Rome', 1970, 2000);
  expect(table('Europe/Rome', 1970, 2000)).toBe(first);
  for (let year = 1800; year < 1900; year++) table('UTC', year, 1900);
  expect(table('Europe/Rome', 1970, 2000)).not.toBe(first);
});

test.each([
  [0, '+00:00'],
  [19_800, '+05:30'],
  [-9000, '-02:30'],
  [50_400, '+14:00'],
])('%p seconds are spelled %s', (offsetS, text) => {
  expect(offsetText(offsetS)).toBe(text);
});
