import type { Column, ColumnType } from '../../src/domain/column.ts';
import { NATIVE_TYPES } from '../golden/fixtures.ts';
import type { Engine } from './engines.ts';

/** One row of the corpus; texts in ISO 8601 for times, null for none. */
type Row = readonly (string | number | boolean | null)[];

export const CORPUS: readonly { name: string; type: ColumnType }[] = [
  { name: 'id', type: 'integer' },
  { name: 'word', type: 'text' },
  { name: 'city', type: 'text' },
  { name: 'size', type: 'integer' },
  { name: 'big', type: 'integer' },
  { name: 'amount', type: 'decimal' },
  { name: 'ratio', type: 'float' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'clock', type: 'time' },
  { name: 'wall', type: 'timestamp' },
  { name: 'at', type: 'timestamptz' },
  { name: 'ident', type: 'uuid' },
];

export const COLUMNS: Column[] = CORPUS.map(({ name, type }) => ({ name, type }));

/** Equal to some eyes and to some collations, and not to the language. */
export const WORDS = [
  'a',
  'A',
  'á',
  'Á',
  'a ',
  ' a',
  'a  ',
  'ab',
  'aB',
  'AB',
  'b',
  'B',
  'ß',
  'ss',
  'SS',
  'ñ',
  'Ñ',
  'n',
  'é',
  'e\u0301',
  'E',
  '',
  ' ',
  'مرحبا',
  'مَرحبا',
  'مرحبا ',
  'عمان',
  '日本',
  'にほん',
  'ニホン',
  '😀',
  '😁',
  '👨‍👩‍👧',
  'z',
  'Z',
  'zé',
  '100%',
  '100',
  'a_b',
  'a%b',
  'a\\b',
  'a[b]c',
  "it's",
  '"quoted"',
  'tab\there',
  'line\nbreak',
  '-',
  '_',
  'İ',
  'i',
  'I',
  'ı',
  'Ω',
  'ω',
  'Ж',
  'ж',
  null,
] as const;

const CITIES = [
  'Rome',
  'rome',
  'ROME',
  'Riyadh',
  'الرياض',
  'München',
  'Munchen',
  'St. John’s',
  null,
] as const;
const BIGS = [
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '0',
  '1',
  null,
] as const;
const AMOUNTS = [
  '0.10',
  '0.20',
  '-0.30',
  '12345678901234.56',
  '99999999999999.99',
  '0.00',
  '1.50',
  '-7.25',
  null,
] as const;
const RATIOS = [0.1, 0.2, -0, 0, 1.5, -2.75, 1e-7, 123456.789, 1e15, null] as const;
const WALLS = [
  '2024-03-31T01:59:59.999999',
  '2024-03-31T02:30:00',
  '2024-03-31T03:00:00',
  '2024-10-27T02:30:00',
  '2023-12-31T23:59:59.5',
  '2024-01-01T00:00:00',
  '2024-02-29T12:34:56.789',
  '2021-01-03T00:00:00',
  '2021-01-04T00:00:00',
  '1999-12-31T23:00:00',
  '2037-07-01T00:00:00.000001',
  null,
] as const;
const INSTANTS = [
  '2024-03-31T00:59:59.999999',
  '2024-03-31T01:00:00',
  '2024-03-31T01:30:00.25',
  '2024-10-27T00:30:00',
  '2024-10-27T01:30:00',
  '2024-03-10T06:59:59',
  '2024-03-10T07:00:00',
  '2024-11-03T05:30:00',
  '2024-11-03T06:30:00',
  '2023-12-31T22:00:00',
  '2023-12-31T23:30:00',
  '2024-02-29T18:29:59.5',
  '2024-02-29T18:30:00',
  '1999-12-31T20:59:59',
  '2037-07-01T21:00:00',
  '1971-06-01T12:00:00',
  null,
] as const;
const DAYS = [
  '2024-01-01',
  '2023-12-31',
  '2024-02-29',
  '2021-01-03',
  '2021-01-04',
  '2020-12-27',
  '1999-12-31',
  '2024-12-30',
  '2026-01-04',
  null,
] as const;
const CLOCKS = ['00:00:00', '23:59:59.999999', '12:34:56.5', '06:00:00', null] as const;
const FLAGS = [true, false, null] as const;
const UUIDS = [
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  '00000000-0000-0000-0000-000000000000',
  '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
  'ffffffff-ffff-4fff-bfff-ffffffffffff',
  null,
] as const;

const ROWS = 420;

/** A fixed sequence, the same on every machine. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function corpusRows(): Row[] {
  const random = randomOf(20_240_331);
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
  return Array.from({ length: ROWS }, (_, i) => [
    i + 1,
    WORDS[i % WORDS.length]!,
    pick(CITIES),
    random(8) === 0 ? null : random(7) - 3,
    pick(BIGS),
    pick(AMOUNTS),
    pick(RATIOS),
    pick(FLAGS),
    pick(DAYS),
    pick(CLOCKS),
    pick(WALLS),
    pick(INSTANTS),
    pick(UUIDS),
  ]);
}

/** Text as its bytes, so that no escape of a client or a server has a say. */
const hex = (text: string) => Buffer.from(text, 'utf8').toString('hex');
const hex16 = (text: string) => Buffer.from(text, 'utf16le').toString('hex');

type Literal = (value: string) => string;
const quoted: Literal = (value) => `'${value}'`;
const spaced: Literal = (value) => `'${value.replace('T', ' ')}'`;

interface Loading {
  text: Literal;
  timestamptz: Literal;
  timestamp: Literal;
  boolean(value: boolean): string;
  types: Partial<Record<ColumnType, string>>;
}

const LOADING: Readonly<Record<Engine['name'], Loading>> = {
  duckdb: {
    text: (value) => `decode(from_hex('${hex(value)}'))`,
    timestamptz: (value) => `'${value}Z'`,
    timestamp: quoted,
    boolean: String,
    types: {},
  },
  postgres: {
    text: (value) => `convert_from('\\x${hex(value)}', 'UTF8')`,
    timestamptz: (value) => `'${value}Z'`,
    timestamp: quoted,
    boolean: String,
    types: { text: 'VARCHAR(100)' },
  },
  mysql: {
    text: (value) => (value === '' ? "''" : `convert(0x${hex(value)} using utf8mb4)`),
    timestamptz: spaced,
    timestamp: spaced,
    boolean: String,
    types: { text: 'VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci' },
  },
  mssql: {
    text: (value) => (value === '' ? "N''" : `CONVERT(nvarchar(100), 0x${hex16(value)})`),
    timestamptz: (value) => `'${value}+00:00'`,
    timestamp: quoted,
    boolean: (value) => (value ? '1' : '0'),
    types: { text: 'nvarchar(100) COLLATE Latin1_General_100_CI_AI' },
  },
};

function literalOf(value: Row[number], type: ColumnType, loading: Loading): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return loading.boolean(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value);
  if (type === 'text' || type === 'timestamp' || type === 'timestamptz') return loading[type](value);
  return type === 'integer' || type === 'decimal' ? value : quoted(value);
}

const doubled: Literal = (column) => `"${column.replaceAll('"', '""')}"`;
const QUOTES: Readonly<Record<Engine['name'], Literal>> = {
  duckdb: doubled,
  postgres: doubled,
  mysql: (column) => `\`${column}\``,
  mssql: (column) => `[${column}]`,
};

/** Statements that make a table and fill it. */
export function tableStatements(
  name: Engine['name'],
  table: string,
  tableColumns: readonly { name: string; type: ColumnType; native?: string }[],
  rows: readonly Row[],
): string[] {
  const loading = LOADING[name];
  const nameOf = (column: string) => QUOTES[name](column);
  const columns = tableColumns.map(
    (column) =>
      `${nameOf(column.name)} ${column.native ?? loading.types[column.type] ?? NATIVE_TYPES[name][column.type]}`,
  );
  const tuples = rows.map(
    (row) => `(${row.map((value, c) => literalOf(value, tableColumns[c]!.type, loading)).join(', ')})`,
  );
  const instants = name === 'mysql' ? [`SET time_zone = '+00:00'`] : [];
  return [
    ...instants,
    `CREATE TABLE ${table} (${columns.join(', ')})`,
    `INSERT INTO ${table} VALUES ${tuples.join(', ')}`,
  ];
}

/** Statements that make the table `corpus` and fill it. */
export const corpusStatements = (name: Engine['name']): string[] =>
  tableStatements(name, 'corpus', CORPUS, corpusRows());
