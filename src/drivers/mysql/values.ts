import type { Column, ColumnType, SourceColumn } from '../../domain/column.ts';
import { type ColumnData, NUMBER } from '../../domain/column-data.ts';
import type { Decoder } from '../batch-queue.ts';
import {
  bytesText,
  decimalStore,
  type Store,
  shortFloat,
  storeFloat,
  storeInteger,
  storeSingle,
  storeText,
} from '../store-values.ts';
import { ALL_BOOLEANS, type IsBoolean } from './booleans.ts';

/** A column of an answer, as the protocol describes it. */
export interface Field {
  name: string;
  columnType: number;
  columnLength: number;
  characterSet: number;
  flags: number;
  decimals: number;
  /** MariaDB says here what the protocol's types cannot, such as `uuid` and `json`. */
  extendedTypeName?: string;
  extendedFormat?: string;
  /** Where it comes from; empty for an expression. */
  schema?: string;
  orgTable?: string;
  orgName?: string;
}

/** What a row may hold, as the library reads it. */
export type Value = string | number | Buffer;

export const GEOMETRY = 0xff;
const BINARY_CHARSET = 63;
const UNSIGNED = 32;
const IS_ENUM = 256;
const IS_SET = 2048;

interface WireType {
  type: ColumnType;
  name: string;
}

/** By the number of the protocol's type. */
const WIRE_TYPES: Readonly<Record<number, WireType>> = {
  0: { type: 'decimal', name: 'decimal' },
  1: { type: 'integer', name: 'tinyint' },
  2: { type: 'integer', name: 'smallint' },
  3: { type: 'integer', name: 'int' },
  4: { type: 'float', name: 'float' },
  5: { type: 'float', name: 'double' },
  6: { type: 'text', name: 'null' },
  7: { type: 'timestamptz', name: 'timestamp' },
  8: { type: 'integer', name: 'bigint' },
  9: { type: 'integer', name: 'mediumint' },
  10: { type: 'date', name: 'date' },
  11: { type: 'time', name: 'time' },
  12: { type: 'timestamp', name: 'datetime' },
  13: { type: 'integer', name: 'year' },
  14: { type: 'date', name: 'date' },
  15: { type: 'text', name: 'varchar' },
  16: { type: 'text', name: 'bit' },
  242: { type: 'binary', name: 'vector' },
  245: { type: 'json', name: 'json' },
  246: { type: 'decimal', name: 'decimal' },
  247: { type: 'text', name: 'enum' },
  248: { type: 'text', name: 'set' },
  249: { type: 'text', name: 'text' },
  250: { type: 'text', name: 'text' },
  251: { type: 'text', name: 'text' },
  252: { type: 'text', name: 'text' },
  253: { type: 'text', name: 'varchar' },
  254: { type: 'text', name: 'char' },
  [GEOMETRY]: { type: 'binary', name: 'geometry' },
};

const UNKNOWN: WireType = { type: 'text', name: 'unknown' };
const BIT = 16;
const TINY = 1;
const FLOAT = 4;

function extended(field: Field): WireType | undefined {
  if (field.extendedFormat === 'json') return { type: 'json', name: 'json' };
  const name = field.extendedTypeName;
  if (name === 'uuid') return { type: 'uuid', name };
  if (name === 'inet4' || name === 'inet6') return { type: 'text', name };
  return undefined;
}

/** Our type of a column and the server's name of it. */
export function wireTypeOf(field: Field, isBoolean: IsBoolean = ALL_BOOLEANS): WireType {
  const special = extended(field);
  if (special) return special;
  const known = WIRE_TYPES[field.columnType] ?? UNKNOWN;
  const isUnsigned = (field.flags & UNSIGNED) !== 0 && known.type !== 'text';
  if (field.columnLength === 1 && field.columnType === BIT) return { type: 'boolean', name: 'bit(1)' };
  if (field.columnLength === 1 && field.columnType === TINY && !isUnsigned) {
    const { schema = '', orgTable: table = '', orgName: column = '' } = field;
    return { type: isBoolean({ schema, table, name: column }) ? 'boolean' : 'integer', name: 'tinyint(1)' };
  }
  if (field.columnType === BIT) return { type: 'text', name: `bit(${field.columnLength})` };
  if ((field.flags & IS_ENUM) !== 0) return { type: 'text', name: 'enum' };
  if ((field.flags & IS_SET) !== 0) return { type: 'text', name: 'set' };
  if (
    known.type === 'text' &&
    known !== UNKNOWN &&
    field.characterSet === BINARY_CHARSET &&
    field.columnType >= 15
  )
    return { type: 'binary', name: field.columnType >= 253 ? 'binary' : 'blob' };
  return isUnsigned ? { ...known, name: `${known.name} unsigned` } : known;
}

const bitsOf = (length: number) => (value: Value) =>
  Buffer.isBuffer(value)
    ? [...value]
        .map((byte) => byte.toString(2).padStart(8, '0'))
        .join('')
        .slice(-length)
        .padStart(length, '0')
    : String(value);

const bitOf = (value: Value) => (Buffer.isBuffer(value) ? value.at(-1)! : Number(value));

/** A value in text form; dates come so from the row reader. */
function textOf(field: Field, type: ColumnType): (value: Value) => string {
  if (field.columnType === BIT) return bitsOf(field.columnLength);
  if (type === 'binary' && wireTypeOf(field).type === 'binary')
    return (value) => bytesText(Buffer.isBuffer(value) ? value.length : Buffer.byteLength(String(value)));
  return (value) => (Buffer.isBuffer(value) ? value.toString('utf8') : String(value));
}

function storeOf(field: Field, column: Column, isSingle: boolean): Store<Value> {
  const number = field.columnType === FLOAT ? shortFloat : field.columnType === BIT ? bitOf : undefined;
  const plain = (value: Value) => (Buffer.isBuffer(value) ? value.toString('utf8') : value);
  const read = number ?? plain;
  switch (column.type) {
    case 'boolean':
      return (value, into, at) => {
        into.numbers[at] = Number(read(value)) === 0 ? 0 : 1;
        into.states[at] = NUMBER;
      };
    case 'integer':
      return number || wireTypeOf(field).type === 'text'
        ? (value, into, at) => storeInteger(read(value), into, at)
        : (storeInteger as Store<Value>);
    case 'float':
      if (isSingle) return storeSingle as Store<Value>;
      return number ? (value, into, at) => storeFloat(number(value), into, at) : (storeFloat as Store<Value>);
    case 'decimal': {
      const decimal = decimalStore(column.scale);
      return (value, into, at) => decimal(typeof value === 'string' ? value : String(read(value)), into, at);
    }
    default:
      return textStore(field, column.type);
  }
}

const COMES_AS_TEXT: ReadonlySet<ColumnType> = new Set([
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'json',
]);

function textStore(field: Field, type: ColumnType): Store<Value> {
  const actual = wireTypeOf(field).type;
  const isPlainText = actual === 'text' && field.characterSet !== BINARY_CHARSET;
  if (isPlainText || COMES_AS_TEXT.has(actual)) return storeText as Store<Value>;
  const text = textOf(field, type);
  return (value, into, at) => storeText(text(value), into, at);
}

/** Above it, the server says that the digits after the point are not fixed. */
const MAX_SCALE = 38;

/** Columns and converters of an answer, decided once a query. */
export function decoderOf(
  fields: readonly Field[],
  types: readonly SourceColumn[] | undefined,
  isBoolean: IsBoolean,
): Decoder {
  const columns = fields.map((field, i): Column => {
    const given = types?.[i];
    const type = given?.type ?? wireTypeOf(field, isBoolean).type;
    const own =
      wireTypeOf(field).type === 'decimal' && field.decimals <= MAX_SCALE ? field.decimals : undefined;
    const scale = type === 'decimal' ? (given?.scale ?? own) : undefined;
    return { name: given?.name ?? field.name, type, ...(scale === undefined ? {} : { scale }) };
  });
  const store = fields.map((field, i) =>
    storeOf(field, columns[i]!, /^float\b/.test(types?.[i]?.nativeType ?? '')),
  );
  return { columns, store: store as ((value: never, into: ColumnData, at: number) => void)[] };
}
