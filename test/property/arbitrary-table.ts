import fc from 'fast-check';
import type { OracleColumn, OracleTable, Row, Value } from '../support/oracle/values.ts';
import { dayNumber } from '../support/oracle/zones.ts';

/** Many have names that the statements use inside. */
export const COLUMNS: readonly OracleColumn[] = [
  { name: 'text', type: 'text' },
  { name: 'Ünï "q"', type: 'text' },
  { name: 'r0', type: 'integer' },
  { name: 'id', type: 'integer' },
  { name: 'x1', type: 'decimal', scale: 2 },
  { name: 'wide', type: 'decimal', scale: 6 },
  { name: 'c0', type: 'decimal', scale: 1 },
  { name: 'm0', type: 'decimal', scale: 3 },
  { name: 'd0', type: 'float' },
  { name: 'x0', type: 'boolean' },
  { name: 'R1', type: 'date' },
  { name: 'n', type: 'timestamp' },
  { name: 'fine', type: 'timestamptz' },
  { name: 'v', type: 'time' },
  { name: 'key', type: 'uuid' },
];

/** Texts that look alike to what is not exact. U+FF5E comes before 😀 by code point and after it by UTF-16. */
export const TEXTS = [
  '',
  ' ',
  'a',
  'a ',
  'A',
  'á',
  'a\u0301',
  'Total',
  'total',
  '"q"',
  "o'k",
  '😀',
  '～',
  'ß',
  '100%',
  'a_b',
  '\\',
  'null',
  '=1+1',
  'two\nlines',
];

const TWO_53 = 2n ** 53n;
export const BIGS = [
  0n,
  1n,
  -1n,
  TWO_53 - 1n,
  TWO_53,
  TWO_53 + 1n,
  -TWO_53,
  -TWO_53 - 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  10n ** 15n,
];
export const CENTS = [
  0n,
  1n,
  -1n,
  5n,
  10n,
  99n,
  100n,
  -250n,
  1999n,
  9_999_999_999_999_999n,
  -9_999_999_999_999_999n,
];
export const WIDES = [0n, 1n, -1n, 1_500_000n, 10n ** 30n + 1n, -(10n ** 30n) - 7n, TWO_53 * 10n ** 6n + 1n];
export const FLOATS = [0, -0, 0.25, -0.25, 1, 1.5, -3.75, 1024, 1e6];
const ODD_FLOATS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
export const DAYS = [
  '1969-12-31',
  '1970-01-01',
  '2020-02-29',
  '2023-12-30',
  '2023-12-31',
  '2024-01-01',
  '2024-02-29',
  '2024-03-30',
  '2024-03-31',
  '2024-04-01',
  '2024-10-27',
  '2024-12-30',
  '1899-12-31',
];
/** Around the changes of clocks in Rome, St John's, New York and Auckland, and midnights of Kolkata. */
export const INSTANTS = [
  '2024-11-03T05:15:00Z',
  '2024-03-31T00:30:00Z',
  '2024-03-31T00:59:59.999999Z',
  '2024-03-31T01:00:00Z',
  '2024-10-26T23:59:00Z',
  '2024-10-27T00:30:00Z',
  '2024-10-27T01:30:00Z',
  '2024-10-27T01:30:00.5Z',
  '2024-03-10T05:29:00Z',
  '2024-03-10T05:31:00Z',
  '2024-11-03T04:15:00Z',
  '2024-11-03T04:45:00Z',
  '2024-11-03T05:30:00Z',
  '2024-11-03T06:30:00Z',
  '2023-12-31T18:29:59Z',
  '2023-12-31T18:30:00Z',
  '2024-01-01T00:00:00Z',
  '2024-03-30T23:15:00Z',
  '1969-12-31T23:59:59.25Z',
  '2024-04-06T14:30:00Z',
];
export const HOURS = ['00:00:00', '09:30:00', '13:45:00.5', '23:59:59.999999'];
export const KEYS = [
  '00000000-0000-0000-0000-000000000000',
  '7fffffff-ffff-4fff-bfff-ffffffffffff',
  '80000000-0000-4000-8000-00000000000a',
  'ffffffff-ffff-4fff-bfff-fffffffffffe',
];
export const microsOf = (iso: string): bigint => {
  const fraction = /\.(\d+)Z$/.exec(iso)?.[1] ?? '';
  return BigInt(Date.parse(iso.replace(/\.\d+Z$/, 'Z'))) * 1000n + BigInt(fraction.padEnd(6, '0'));
};

const few = <T extends Value>(values: readonly T[]) => fc.constantFrom<Value>(...values);
const nullable = (values: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 6, arbitrary: values }, fc.constant(null));
const instants = few(INSTANTS.map(microsOf));

const VALUES: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  text: fc.oneof(few(TEXTS), few(['a', 'b', ''])),
  'Ünï "q"': few(['x', 'y', 'Total', '']),
  r0: fc.bigInt({ min: -3n, max: 3n }),
  id: few(BIGS),
  x1: fc.oneof(few(CENTS), fc.bigInt({ min: -50_000n, max: 50_000n })),
  wide: few(WIDES),
  c0: fc.bigInt({ min: -30n, max: 30n }),
  m0: few([0n, 1n, -1n, 1500n, 999_999_999n, -999_999_999n]),
  d0: fc.oneof({ weight: 30, arbitrary: few(FLOATS) }, few(ODD_FLOATS)),
  x0: fc.boolean(),
  R1: few(DAYS.map(dayNumber)),
  n: instants,
  fine: instants,
  v: few(HOURS),
  key: few(KEYS),
};

const row: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(COLUMNS.map(({ name }) => [name, nullable(VALUES[name]!)])),
);

const tableOfRows = (rows: fc.Arbitrary<Row[]>): fc.Arbitrary<OracleTable> =>
  rows.map((all) => ({ columns: COLUMNS, rows: all }));
const longer = fc.array(row, { minLength: 40, maxLength: 70 });

export const table = tableOfRows(
  fc.oneof(
    { weight: 2, arbitrary: fc.array(row, { maxLength: 4 }) },
    { weight: 14, arbitrary: fc.array(row, { minLength: 8, maxLength: 24 }) },
    { weight: 3, arbitrary: longer },
  ),
);

/** Long enough to hold most of the values of each column. */
export const longTable = tableOfRows(longer);
