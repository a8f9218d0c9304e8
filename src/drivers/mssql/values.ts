import type { ColumnMetadata } from 'tedious/lib/token/colmetadata-token-parser';
import type { Column, ColumnType } from '../../domain/column.ts';
import type { ColumnData } from '../../domain/column-data.ts';
import { type Chunk, ChunkedValue, longLength, need, pointedLength, shortLength } from './chunk.ts';
import * as decode from './decode.ts';
import { type Store, storeFloat, storeMoment, storeScaled, storeText } from './store.ts';
import { readVariant } from './variant.ts';

/** Reads the next value into a cleared slot; a null leaves it as it is. */
export type ReadValue = (from: Chunk, into: ColumnData, at: number) => void;

/** How one type of the wire is read into a column of type `type`. */
interface WireType {
  /** What it is when the caller does not say. */
  type: ColumnType;
  scale?: number;
  reader(type: ColumnType, scale?: number): ReadValue;
}

function short<T>(of: decode.Decode<T>, store: Store<T>): ReadValue {
  return (from, into, at) => {
    const length = shortLength(from);
    if (length === 0) return;
    store(of(from.buffer, from.position, length), into, at);
    from.position += length;
  };
}

function fixedSize<T>(size: number, of: decode.Decode<T>, store: Store<T>): ReadValue {
  return (from, into, at) => {
    need(from, from.position + size);
    store(of(from.buffer, from.position, size), into, at);
    from.position += size;
  };
}

function measured<T>(lengthOf: (from: Chunk) => number, of: decode.Decode<T>, store: Store<T>): ReadValue {
  return (from, into, at) => {
    const length = lengthOf(from);
    if (length < 0) return;
    store(of(from.buffer, from.position, length), into, at);
    from.position += length;
  };
}

function chunked(of: decode.Decode<string>, store: Store<string>): ReadValue {
  const value = new ChunkedValue(true);
  return (from, into, at) => {
    const read = value.read(from);
    if (read) store(of(read.bytes, 0, read.length), into, at);
  };
}

function counted(store: Store<string>): ReadValue {
  const value = new ChunkedValue(false);
  return (from, into, at) => {
    const read = value.read(from);
    if (read) store(decode.byteCount(read.length), into, at);
  };
}

const MAX = 0xffff;
const isMax = ({ dataLength }: ColumnMetadata) => dataLength === MAX;
const codePageOf = ({ collation }: ColumnMetadata) => decode.codePage(collation?.codepage);

const wholes = (size?: number): WireType => ({
  type: 'integer',
  scale: 0,
  reader: (type) =>
    size === undefined
      ? short(decode.whole, storeScaled(type, 0))
      : fixedSize(size, decode.whole, storeScaled(type, 0)),
});
const moneys = (size?: number): WireType => ({
  type: 'decimal',
  scale: 4,
  reader: (type) =>
    size === undefined
      ? short(decode.money, storeScaled(type, 4))
      : fixedSize(size, decode.money, storeScaled(type, 4)),
});
const floats = (size?: number): WireType => ({
  type: 'float',
  reader: (type) =>
    size === undefined
      ? short(decode.float, storeFloat(type))
      : fixedSize(size, decode.float, storeFloat(type)),
});
const bits = (size?: number): WireType => ({
  type: 'boolean',
  reader: (type) =>
    size === undefined
      ? short(decode.whole, storeScaled(type, 0))
      : fixedSize(size, decode.whole, storeScaled(type, 0)),
});
const datetimes = (size?: number): WireType => ({
  type: 'timestamp',
  reader: (type) =>
    size === undefined
      ? short(decode.datetime(), storeMoment(type))
      : fixedSize(size, decode.datetime(), storeMoment(type)),
});
const moments = (type: ColumnType, of: decode.Decode<string>): WireType => ({
  type,
  reader: (wanted) => short(of, storeMoment(wanted)),
});
const decimals = ({ scale = 0 }: ColumnMetadata): WireType => ({
  type: 'decimal',
  scale,
  reader: (type) => short(decode.decimal, storeScaled(type, scale)),
});
const texts = (metadata: ColumnMetadata, of: decode.Decode<string>): WireType => ({
  type: 'text',
  reader: (type, scale) =>
    isMax(metadata) ? chunked(of, storeText(type, scale)) : measured(longLength, of, storeText(type, scale)),
});
const binaries = (metadata: ColumnMetadata): WireType => ({
  type: 'binary',
  reader: (type) =>
    isMax(metadata) ? counted(storeText(type)) : measured(longLength, decode.bytes, storeText(type)),
});
const pointed = (type: ColumnType, of: decode.Decode<string>): WireType => ({
  type,
  reader: (wanted) => measured(pointedLength, of, storeText(wanted)),
});
const VARIANT: WireType = {
  type: 'text',
  reader: (type) => {
    const store = storeText(type);
    return (from, into, at) => {
      const text = readVariant(from);
      if (text !== undefined) store(text, into, at);
    };
  },
};

/** By tedious's names of the types ([MS-TDS] 2.2.5.4). */
const WIRE_TYPES: Readonly<Record<string, (metadata: ColumnMetadata) => WireType>> = {
  TinyInt: () => wholes(1),
  SmallInt: () => wholes(2),
  Int: () => wholes(4),
  BigInt: () => wholes(8),
  IntN: () => wholes(),
  Bit: () => bits(1),
  BitN: () => bits(),
  Real: () => floats(4),
  Float: () => floats(8),
  FloatN: () => floats(),
  SmallMoney: () => moneys(4),
  Money: () => moneys(8),
  MoneyN: () => moneys(),
  SmallDateTime: () => datetimes(4),
  DateTime: () => datetimes(8),
  DateTimeN: () => datetimes(),
  Date: () => moments('date', decode.date()),
  Time: ({ scale = 7 }) => moments('time', decode.time(scale)),
  DateTime2: ({ scale = 7 }) => moments('timestamp', decode.datetime2(scale, '')),
  DateTimeOffset: ({ scale = 7 }) => moments('timestamptz', decode.datetime2(scale, 'Z')),
  DecimalN: decimals,
  NumericN: decimals,
  UniqueIdentifier: () => ({ type: 'uuid', reader: (type) => short(decode.guid, storeText(type)) }),
  NVarChar: (metadata) => texts(metadata, decode.unicode),
  NChar: (metadata) => texts(metadata, decode.unicode),
  VarChar: (metadata) => texts(metadata, codePageOf(metadata)),
  Char: (metadata) => texts(metadata, codePageOf(metadata)),
  Text: (metadata) => pointed('text', codePageOf(metadata)),
  NText: () => pointed('text', decode.unicode),
  Image: () => pointed('binary', decode.bytes),
  VarBinary: binaries,
  Binary: binaries,
  Xml: () => ({ type: 'text', reader: (type) => chunked(decode.unicode, storeText(type)) }),
  UDT: () => ({ type: 'binary', reader: (type) => counted(storeText(type)) }),
  Variant: () => VARIANT,
  Null: () => ({ type: 'text', reader: () => () => undefined }),
};

/** A column of an answer and how its values are read. */
export interface SourceColumn {
  column: Column;
  scale: number;
  read: ReadValue;
}

/** `known`: the column as the caller knows it, which decides over what the server sends. */
export function sourceColumn(metadata: ColumnMetadata, known: Column | undefined): SourceColumn {
  const wire = WIRE_TYPES[metadata.type.name]?.(metadata);
  if (!wire) throw new Error(`columns of type ${metadata.type.name} cannot be read`);
  const type = known?.type ?? wire.type;
  const scale = wire.scale ?? known?.scale ?? 0;
  const column: Column = { name: known?.name ?? metadata.colName, type };
  if (type === 'decimal' && (wire.scale ?? known?.scale) !== undefined) column.scale = scale;
  return { column, scale, read: wire.reader(type, known?.scale) };
}
