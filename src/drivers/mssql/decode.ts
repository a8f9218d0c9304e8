import iconv from 'iconv-lite';
import { DAYS_1900, dateText, ticksToMs, timeText } from './moments.ts';
import type { Scaled } from './store.ts';

/** Functions from a value's bytes; `length` of them from `at`, all of them there. */
export type Decode<T> = (buffer: Buffer, at: number, length: number) => T;

const TWO_32 = 2 ** 32;
const SAFE_HIGH = 2 ** 21;

/** |high word| below 2^21 keeps a 64-bit number within ±2^53. */
function words(high: number, low: number): Scaled {
  return high < SAFE_HIGH && high >= -SAFE_HIGH ? high * TWO_32 + low : (BigInt(high) << 32n) + BigInt(low);
}

/** A whole number by its size; TINYINT alone is unsigned. */
export const whole: Decode<Scaled> = (buffer, at, length) => {
  if (length === 4) return buffer.readInt32LE(at);
  if (length === 8) return words(buffer.readInt32LE(at + 4), buffer.readUInt32LE(at));
  return length === 2 ? buffer.readInt16LE(at) : buffer[at]!;
};

/** MONEY has its high word first. */
export const money: Decode<Scaled> = (buffer, at, length) =>
  length === 4 ? buffer.readInt32LE(at) : words(buffer.readInt32LE(at), buffer.readUInt32LE(at + 4));

/** A sign byte (1: positive) and a magnitude of 4, 8, 12 or 16 bytes. tedious makes a JS number of it, which loses digits. */
export const decimal: Decode<Scaled> = (buffer, at, length) => {
  const positive = buffer[at] === 1;
  const low = buffer.readUInt32LE(at + 1);
  const second = length > 5 ? buffer.readUInt32LE(at + 5) : 0;
  const beyond =
    (length > 9 && buffer.readUInt32LE(at + 9) !== 0) || (length > 13 && buffer.readUInt32LE(at + 13) !== 0);
  if (!beyond && second < SAFE_HIGH) {
    const value = second * TWO_32 + low;
    return positive || value === 0 ? value : -value;
  }
  let value = 0n;
  for (let offset = length - 4; offset >= 1; offset -= 4)
    value = (value << 32n) | BigInt(buffer.readUInt32LE(at + offset));
  return positive ? value : -value;
};

/** The shortest decimal number that is the same REAL: 0.1 and not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}

export const float: Decode<number> = (buffer, at, length) =>
  length === 4 ? shortest(buffer.readFloatLE(at)) : buffer.readDoubleLE(at);

export const unicode: Decode<string> = (buffer, at, length) => buffer.toString('utf16le', at, at + length);
const utf8: Decode<string> = (buffer, at, length) => buffer.toString('utf8', at, at + length);

/** Text of a code page. Most of it is ASCII, which all of them share and which needs no table. */
export function codePage(name: string | undefined): Decode<string> {
  if (name === undefined || name === 'utf-8') return utf8;
  return (buffer, at, length) => {
    const end = at + length;
    for (let i = at; i < end; i++) if (buffer[i]! > 127) return iconv.decode(buffer.subarray(at, end), name);
    return buffer.toString('latin1', at, end);
  };
}

const hex = (buffer: Buffer, from: number, to: number) => buffer.toString('hex', from, to);
const reversed = (buffer: Buffer, from: number, to: number) =>
  Buffer.from(buffer.subarray(from, to)).reverse().toString('hex');

/** The first three groups are little endian. */
export const guid: Decode<string> = (buffer, at) =>
  `${reversed(buffer, at, at + 4)}-${reversed(buffer, at + 4, at + 6)}-${reversed(buffer, at + 6, at + 8)}-${hex(buffer, at + 8, at + 10)}-${hex(buffer, at + 10, at + 16)}`;

export const byteCount = (length: number) => `${length} bytes`;
export const bytes: Decode<string> = (_buffer, _at, length) => byteCount(length);

/** Remembers the last day's text: days repeat from row to row. */
function dates(): (days: number) => string {
  let last = -1;
  let text = '';
  return (days) => {
    if (days !== last) {
      text = dateText(days);
      last = days;
    }
    return text;
  };
}

export function date(): Decode<string> {
  const dayText = dates();
  return (buffer, at) => dayText(buffer.readUIntLE(at, 3));
}

export function time(scale: number): Decode<string> {
  return (buffer, at, length) => timeText(buffer.readUIntLE(at, length), scale);
}

/** `suffix`: DATETIMEOFFSET holds the instant in UTC and two bytes of offset, which says nothing about the instant. */
export function datetime2(scale: number, suffix: '' | 'Z'): Decode<string> {
  const dayText = dates();
  const behind = suffix === 'Z' ? 5 : 3;
  return (buffer, at, length) => {
    const timeSize = length - behind;
    const clock = timeText(buffer.readUIntLE(at, timeSize), scale);
    return `${dayText(buffer.readUIntLE(at + timeSize, 3))}T${clock}${suffix}`;
  };
}

/** DATETIME (8 bytes) or SMALLDATETIME (4). */
export function datetime(): Decode<string> {
  const dayText = dates();
  return (buffer, at, length) => {
    if (length === 4)
      return `${dayText(buffer.readUInt16LE(at) + DAYS_1900)}T${timeText(buffer.readUInt16LE(at + 2) * 60, 0)}`;
    const clock = timeText(ticksToMs(buffer.readUInt32LE(at + 4)), 3);
    return `${dayText(buffer.readInt32LE(at) + DAYS_1900)}T${clock}`;
  };
}
