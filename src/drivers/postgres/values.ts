import type { Column, ColumnType, SourceColumn } from '../../domain/column.ts';
import { type ColumnData, NUMBER } from '../../domain/column-data.ts';
import type { Decoder } from '../batch-queue.ts';
import {
  bytesText,
  decimalStore,
  type Store,
  storeFloat,
  storeIntegerText,
  storeSingle,
  storeText,
} from '../store-values.ts';
import { arrayJson } from './array-text.ts';
import type { Field } from './session.ts';

/** What is known of a type beside its object id. */
export interface PgType {
  type: ColumnType;
  /** As `typname` says. */
  name: string;
  /** Of an array: its elements' type, and what stands between them. */
  element?: number;
  delimiter?: string;
}

const BUILT_IN: readonly (readonly [oid: number, name: string, type: ColumnType, array: number])[] = [
  [16, 'bool', 'boolean', 1000],
  [17, 'bytea', 'binary', 1001],
  [18, 'char', 'text', 1002],
  [19, 'name', 'text', 1003],
  [20, 'int8', 'integer', 1016],
  [21, 'int2', 'integer', 1005],
  [23, 'int4', 'integer', 1007],
  [25, 'text', 'text', 1009],
  [26, 'oid', 'integer', 1028],
  [114, 'json', 'json', 199],
  [700, 'float4', 'float', 1021],
  [701, 'float8', 'float', 1022],
  [705, 'unknown', 'text', 0],
  [790, 'money', 'decimal', 791],
  [1042, 'bpchar', 'text', 1014],
  [1043, 'varchar', 'text', 1015],
  [1082, 'date', 'date', 1182],
  [1083, 'time', 'time', 1183],
  [1114, 'timestamp', 'timestamp', 1115],
  [1184, 'timestamptz', 'timestamptz', 1185],
  [1186, 'interval', 'text', 1187],
  [1266, 'timetz', 'text', 1270],
  [1560, 'bit', 'text', 1561],
  [1562, 'varbit', 'text', 1563],
  [1700, 'numeric', 'decimal', 1231],
  [2950, 'uuid', 'uuid', 2951],
  [3802, 'jsonb', 'json', 3807],
];

/** Types of every server, by object id. */
export function builtInTypes(): Map<number, PgType> {
  const types = new Map<number, PgType>();
  for (const [oid, name, type, array] of BUILT_IN) {
    types.set(oid, { type, name });
    if (array !== 0) types.set(array, { type: 'json', name: `_${name}`, element: oid, delimiter: ',' });
  }
  return types;
}

/** Types of extensions that are known by their name. */
export const NAMED_TYPES: Readonly<Record<string, ColumnType>> = {
  geometry: 'binary',
  geography: 'binary',
  raster: 'binary',
  citext: 'text',
};

const TIMESTAMP_SEPARATOR = 10;
const UTC = '+00';

/** `2024-01-02 03:04:05.6 BC` → `2024-01-02T03:04:05.6 (BC)`, as datasets show it; `infinity` stays. */
function isoTimestamp(text: string): string {
  if (text.charCodeAt(TIMESTAMP_SEPARATOR) === 32 && !text.endsWith('C'))
    return `${text.slice(0, TIMESTAMP_SEPARATOR)}T${text.slice(TIMESTAMP_SEPARATOR + 1)}`;
  return era(text).replace(/^(\d+-\d\d-\d\d) (\d)/, '$1T$2');
}

const era = (text: string) => (text.endsWith(' BC') ? `${text.slice(0, -3)} (BC)` : text);

/** The session's zone is UTC, so every instant comes with that offset. */
function isoInstant(text: string): string {
  if (text.endsWith(UTC)) return `${isoTimestamp(text.slice(0, -UTC.length))}Z`;
  return isoTimestamp(text.replace(`${UTC} BC`, 'Z BC'));
}

/** `\x6869` → `2 bytes`. */
const hexLength = (text: string) =>
  bytesText(text.startsWith('\\x') ? (text.length - 2) / 2 : text.length / 2);

/** The amount of money whose digits stand in `text`, in whatever spelling the server's locale has. */
export function moneyText(text: string, scale: number): string {
  const digits = text.replace(/\D/g, '').padStart(scale + 1, '0');
  const amount = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return /[-(−]/.test(text) ? `-${amount}` : amount;
}

/** The text of a value that is shown as text; undefined for numbers and booleans. */
const SHOWN: Readonly<Partial<Record<ColumnType, (text: string) => string>>> = {
  date: era,
  timestamp: isoTimestamp,
  timestamptz: isoInstant,
  binary: hexLength,
};

const storeBoolean: Store<string> = (value, into, at) => {
  into.numbers[at] = value === 't' ? 1 : 0;
  into.states[at] = NUMBER;
};

/** A number where the caller knows that it means a boolean. */
const storeTruth: Store<string> = (value, into, at) => {
  into.numbers[at] = Number(value) === 0 ? 0 : 1;
  into.states[at] = NUMBER;
};

export interface TypeFacts {
  types: ReadonlyMap<number, PgType>;
  /** Digits behind the point of an amount of money, as the server's locale has it. */
  moneyScale: number;
}

const NAME_OF_UNKNOWN: PgType = { type: 'text', name: 'unknown' };

/** How `to_json` writes times, so that an array has one text wherever it is asked for. */
const ELEMENTS: Readonly<Partial<Record<ColumnType, (text: string) => string>>> = {
  timestamp: (text) => text.replace(' ', 'T'),
  timestamptz: (text) => text.replace(' ', 'T').replace(/\+00(?= BC$|$)/, '+00:00'),
};

/** One element of an array as JSON. */
function elementJson(oid: number, facts: TypeFacts): (text: string) => string {
  const { type, name } = facts.types.get(oid) ?? NAME_OF_UNKNOWN;
  if (name === 'money') return (text) => moneyText(text, facts.moneyScale);
  if (type === 'json') return (text) => text;
  if (type === 'boolean') return (text) => (text === 't' ? 'true' : 'false');
  if (type === 'integer' || type === 'decimal' || type === 'float')
    return (text) => (/^-?[\d.]+(e[-+]?\d+)?$/i.test(text) ? text : JSON.stringify(text));
  const shown = ELEMENTS[type] ?? ((text: string) => text);
  return (text) => JSON.stringify(shown(text));
}

function storeOf(oid: number, type: ColumnType, scale: number | undefined, facts: TypeFacts): Store<string> {
  const known = facts.types.get(oid) ?? NAME_OF_UNKNOWN;
  if (known.element !== undefined) {
    const element = elementJson(known.element, facts);
    return (value, into, at) => storeText(arrayJson(value, known.delimiter ?? ',', element), into, at);
  }
  if (known.name === 'money') {
    const decimal = decimalStore(scale ?? facts.moneyScale);
    return (value, into, at) => decimal(moneyText(value, facts.moneyScale), into, at);
  }
  if (type === 'boolean') return known.type === 'boolean' ? storeBoolean : storeTruth;
  if (type === 'integer') return storeIntegerText;
  if (type === 'float') return storeFloat;
  if (type === 'decimal') return decimalStore(scale);
  if (known.name === 'bpchar') return (value, into, at) => storeText(value.replace(/ +$/, ''), into, at);
  const shown = SHOWN[known.type];
  return shown ? (value, into, at) => storeText(shown(value), into, at) : storeText;
}

/** Columns and converters of an answer, decided once a query. */
export function decoderOf(
  fields: readonly Field[],
  types: readonly SourceColumn[] | undefined,
  facts: TypeFacts,
): Decoder {
  const columns = fields.map((field, i): Column => {
    const known = facts.types.get(field.type) ?? NAME_OF_UNKNOWN;
    const given = types?.[i];
    const type = given?.type ?? known.type;
    const scale = given?.scale ?? (known.name === 'money' ? facts.moneyScale : undefined);
    return { name: given?.name ?? field.name, type, ...(scale === undefined ? {} : { scale }) };
  });
  const store = fields.map((field, i) =>
    types?.[i]?.nativeType === 'real'
      ? storeSingle
      : storeOf(field.type, columns[i]!.type, columns[i]!.scale, facts),
  );
  return { columns, store: store as ((value: never, into: ColumnData, at: number) => void)[] };
}
