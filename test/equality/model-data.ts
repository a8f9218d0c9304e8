import type { Column, ColumnType } from '../../src/domain/column.ts';
import { NATIVE_TYPES } from '../golden/fixtures.ts';
import type { Cell, Engine } from './engines.ts';

/** A row by the names that a model has for its columns; decimals and dates as text. */
export type Row = Readonly<Record<string, Cell>>;

export interface Table {
  name: string;
  columns: Column[];
  rows: readonly (readonly Cell[])[];
}

const table = (name: string, columns: Record<string, ColumnType>, rows: Table['rows']): Table => ({
  name,
  columns: Object.entries(columns).map(([column, type]) => ({
    name: column,
    type,
    ...(type === 'decimal' ? { scale: 2 } : {}),
  })),
  rows,
});

const CODES = ['a', 'A', 'a ', 'á', 'b', null, '', 'zz', "it's"];

/** Keys that are null, that match nothing, that come often, and that differ only in case, accents or spaces at the end. */
const orders = table(
  'model_orders',
  {
    ...{ id: 'integer', customer: 'integer', code: 'text', amount: 'decimal', 'ordered on': 'date' },
    ...{ jan: 'integer', feb: 'integer', mar: 'integer' },
  },
  Array.from({ length: 40 }, (_, i) => [
    i === 39 ? null : i + 1,
    i % 7 === 3 ? null : (i * 5) % 8,
    CODES[i % CODES.length]!,
    i % 11 === 4 ? null : `${(i * 37) % 100}.${10 + ((i * 13) % 90)}`,
    `2025-0${1 + (i % 4)}-1${i % 9}`,
    ...[i % 3 === 0 ? null : i, i % 5, i % 4 === 1 ? null : i * 2],
  ]),
);

const customers = table(
  'model_customers',
  { id: 'integer', code: 'text', country: 'text', credit: 'integer' },
  [
    [1, 'a', 'DE', 100],
    [2, 'A', 'FR', 200],
    [3, 'a ', 'fr', null],
    [4, 'b', null, 400],
    [5, null, 'DE', 500],
    [77, '', 'IT', 700],
    [null, null, 'ES', 800],
    [null, 'á', 'DE', 900],
  ],
);

const countries = table('model_countries', { name: 'text', zone: 'text' }, [
  ['DE', 'EU'],
  ['FR', 'EU'],
  ['fr', 'lower'],
  ['JP', 'ASIA'],
  [null, 'none'],
]);

const lines = table(
  'model_lines',
  { order: 'integer', product: 'text', qty: 'integer' },
  Array.from({ length: 60 }, (_, i) => [
    i % 13 === 5 ? null : 1 + ((i * 3) % 45),
    ['P', 'p', 'Q', null][i % 4]!,
    i % 10 === 9 ? null : i,
  ]),
);

const months = table('model_months', { name: 'text', number: 'integer' }, [
  ['jan', 1],
  ['feb', 2],
  ['dec', 12],
]);

export const TABLES = { orders, customers, countries, lines, months };

const literal = (value: Cell, engine: Engine['name']) => {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `${engine === 'mssql' ? 'N' : ''}'${value.replaceAll("'", "''")}'`;
};

/** Makes and fills the tables on an engine. */
export function modelStatements({ name: engine, dialect }: Pick<Engine, 'name' | 'dialect'>): string[] {
  return Object.values(TABLES).flatMap(({ name, columns, rows }) => {
    const defined = columns.map(
      (column) => `${dialect.quote(column.name)} ${NATIVE_TYPES[engine][column.type]}`,
    );
    const values = rows.map((row) => `(${row.map((value) => literal(value, engine)).join(', ')})`);
    return [
      `CREATE TABLE ${name} (${defined.join(', ')})`,
      `INSERT INTO ${name} VALUES ${values.join(', ')}`,
    ];
  });
}

export const rowsOf = ({ columns, rows }: Table, alias?: string): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name }, i) => [alias === undefined ? name : `${alias}.${name}`, row[i]!]),
    ),
  );

export interface Joining {
  type: 'left' | 'inner' | 'right' | 'full';
  on: [string, string][];
}

const nothing = (names: readonly string[]): Row => Object.fromEntries(names.map((name) => [name, null]));

/** The rows of a join, one pair after the other. */
export function joined(
  left: Row[],
  leftNames: string[],
  right: Row[],
  rightNames: string[],
  how: Joining,
): Row[] {
  const { type, on } = how;
  const matches = (a: Row, b: Row) => on.every(([l, r]) => a[l] !== null && a[l] === b[r]);
  const rows: Row[] = [];
  const met = new Set<Row>();
  for (const a of left) {
    const found = right.filter((b) => matches(a, b));
    for (const b of found) {
      met.add(b);
      rows.push({ ...a, ...b });
    }
    if (found.length === 0 && (type === 'left' || type === 'full'))
      rows.push({ ...a, ...nothing(rightNames) });
  }
  if (type === 'right' || type === 'full')
    for (const b of right) if (!met.has(b)) rows.push({ ...nothing(leftNames), ...b });
  return rows;
}

/** A row for each of the columns. */
export function unpivoted(
  rows: Row[],
  {
    columns,
    name,
    value,
    keepNulls,
  }: { columns: string[]; name: string; value: string; keepNulls?: boolean },
): Row[] {
  return rows.flatMap((row) =>
    columns.flatMap((column) => {
      if (row[column] === null && !keepNulls) return [];
      const rest = Object.entries(row).filter(([key]) => !columns.includes(key));
      return [{ ...Object.fromEntries(rest), [name]: column, [value]: row[column]! }];
    }),
  );
}
