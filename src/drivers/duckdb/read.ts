import {
  DuckDBBigIntVector,
  DuckDBBooleanVector,
  type DuckDBDataChunk,
  DuckDBDecimal16Vector,
  DuckDBDecimal32Vector,
  DuckDBDecimal64Vector,
  DuckDBDecimal128Vector,
  DuckDBDoubleVector,
  DuckDBHugeIntVector,
  DuckDBIntegerVector,
  DuckDBVarCharVector,
  type DuckDBVector,
} from '@duckdb/node-api';
import { type ColumnData, fixed, NUMBER, TEXT } from '../../domain/column-data.ts';

/*
 * The vectors' own `getItem` makes a BigInt or an object a value and tests validity by BigInt arithmetic, which costs more than
 * the query (measured with @duckdb/node-api 1.5.6). So their buffers are read here; the fields are private in name only, and
 * test/unit/drivers/duckdb-read.test.ts fails when an upgrade moves them.
 */

interface Raw {
  validity: { data: BigUint64Array | null };
  dataView: DataView;
  items: ArrayBufferView;
}

const raw = (vector: DuckDBVector) => vector as unknown as Raw;

/** Bit i is set where row i has a value; undefined where all have. */
function validityBits(vector: DuckDBVector): Uint32Array | undefined {
  const { data } = raw(vector).validity;
  return data ? new Uint32Array(data.buffer, data.byteOffset, data.length * 2) : undefined;
}

const isValid = (bits: Uint32Array | undefined, i: number) =>
  bits === undefined || ((bits[i >>> 5]! >>> (i & 31)) & 1) === 1;

type Targets = Int32Array | undefined;

function storeFloats(vector: DuckDBDoubleVector, into: ColumnData, targets: Targets, count: number): void {
  const bits = validityBits(vector);
  const items = raw(vector).items as Float64Array;
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    if (at < 0 || !isValid(bits, i)) continue;
    into.numbers[at] = items[i]!;
    into.states[at] = NUMBER;
  }
}

function storeIntegers(vector: DuckDBIntegerVector, into: ColumnData, targets: Targets, count: number): void {
  const bits = validityBits(vector);
  const items = raw(vector).items as Int32Array;
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    if (at < 0 || !isValid(bits, i)) continue;
    into.numbers[at] = items[i]!;
    into.states[at] = NUMBER;
  }
}

const TWO_32 = 2 ** 32;
/** |high word| below this keeps a 64-bit number within ±2^53. */
const SAFE_HIGH = 2 ** 21;

/** The whole number of 8 or 16 bytes at word `at`, two's complement. */
function wholeNumber(words: Int32Array, at: number, wordCount: 2 | 4): bigint {
  let value = BigInt(words[at + wordCount - 1]!);
  for (let i = wordCount - 2; i >= 0; i--) value = value * 4_294_967_296n + BigInt(words[at + i]! >>> 0);
  return value;
}

/** Whole numbers of 8 or 16 bytes, little endian. Most fit a double and are read without a BigInt. */
function storeWide(
  words: Int32Array,
  wordCount: 2 | 4,
  bits: Uint32Array | undefined,
  into: ColumnData,
  targets: Targets,
  count: number,
): void {
  const { numbers, states } = into;
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    if (at < 0 || !isValid(bits, i)) continue;
    const word = i * wordCount;
    const high = words[word + 1]!;
    const sign = high >> 31;
    const fits64 = wordCount === 2 || (words[word + 2] === sign && words[word + 3] === sign);
    if (fits64 && high < SAFE_HIGH && high >= -SAFE_HIGH) {
      numbers[at] = high * TWO_32 + (words[word]! >>> 0);
      states[at] = NUMBER;
    } else {
      into.texts[at] = fixed(wholeNumber(words, word, wordCount), into.scale);
      states[at] = TEXT;
    }
  }
}

const wordsOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Int32Array(buffer, byteOffset, byteLength / 4);

function storeNarrow(
  view: DataView,
  width: 2 | 4,
  bits: Uint32Array | undefined,
  into: ColumnData,
  targets: Targets,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    if (at < 0 || !isValid(bits, i)) continue;
    into.numbers[at] = width === 2 ? view.getInt16(i * 2, true) : view.getInt32(i * 4, true);
    into.states[at] = NUMBER;
  }
}

function storeTexts(vector: DuckDBVarCharVector, into: ColumnData, targets: Targets, count: number): void {
  const bits = validityBits(vector);
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    if (at < 0 || !isValid(bits, i)) continue;
    into.texts[at] = vector.getItem(i) as string;
    into.states[at] = TEXT;
  }
}

function storeBooleans(vector: DuckDBBooleanVector, into: ColumnData, targets: Targets, count: number): void {
  for (let i = 0; i < count; i++) {
    const at = targets ? targets[i]! : i;
    const value = vector.getItem(i);
    if (at < 0 || value === null) continue;
    into.numbers[at] = value ? 1 : 0;
    into.states[at] = NUMBER;
  }
}

/**
 * Copies one column of a chunk into `into`, row i to slot `targets[i]` (below 0: left out; no targets: slot i). Slots of null
 * values are left as they are, so `into` starts out cleared. Throws on a vector that no statement of ours yields.
 */
export function storeVector(vector: DuckDBVector, into: ColumnData, targets: Targets, count: number): void {
  if (vector instanceof DuckDBDoubleVector) storeFloats(vector, into, targets, count);
  else if (vector instanceof DuckDBVarCharVector) storeTexts(vector, into, targets, count);
  else if (vector instanceof DuckDBBooleanVector) storeBooleans(vector, into, targets, count);
  else if (vector instanceof DuckDBIntegerVector) storeIntegers(vector, into, targets, count);
  else if (vector instanceof DuckDBBigIntVector) {
    storeWide(wordsOf(raw(vector).items as BigInt64Array), 2, validityBits(vector), into, targets, count);
  } else if (vector instanceof DuckDBHugeIntVector) {
    storeWide(wordsOf(raw(vector).dataView), 4, validityBits(vector), into, targets, count);
  } else if (vector instanceof DuckDBDecimal128Vector || vector instanceof DuckDBDecimal64Vector) {
    into.scale = vector.type.scale;
    const width = vector instanceof DuckDBDecimal128Vector ? 4 : 2;
    storeWide(wordsOf(raw(vector).dataView), width, validityBits(vector), into, targets, count);
  } else if (vector instanceof DuckDBDecimal32Vector || vector instanceof DuckDBDecimal16Vector) {
    into.scale = vector.type.scale;
    const width = vector instanceof DuckDBDecimal32Vector ? 4 : 2;
    storeNarrow(raw(vector).dataView, width, validityBits(vector), into, targets, count);
  } else throw new Error(`a column of ${vector.type} cannot be read`);
}

/** The whole numbers of an INTEGER column without nulls, valid until the next chunk. */
export function int32s(chunk: DuckDBDataChunk, column: number): Int32Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBIntegerVector)) throw new Error(`a column of ${vector.type} is not INTEGER`);
  return raw(vector).items as Int32Array;
}
