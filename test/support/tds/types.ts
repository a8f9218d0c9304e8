import { ByteWriter } from './bytes.ts';

/** Values are given as text (exact), numbers, booleans, or bytes; null for NULL. */
export type Value = string | number | boolean | Uint8Array | null;

/** A column type on the wire: TYPE_INFO ([MS-TDS] 2.2.5.6) and how its values follow in a row. */
export interface WireType {
  info: Buffer;
  /** Large objects name their table in COLMETADATA. */
  namesTable?: boolean;
  write(value: Value, to: ByteWriter): void;
}

/** Latin1_General_CI_AS. */
const LATIN = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
/** Latin1_General_100_CI_AS_SC_UTF8. */
const UTF8 = Buffer.from([0x09, 0x04, 0xd0, 0x24, 0x00]);
/** Cyrillic_General_CI_AS. */
const CYRILLIC = Buffer.from([0x19, 0x04, 0xd0, 0x00, 0x00]);

const DAY_MS = 86_400_000;
const info = (...bytes: (number | Buffer)[]) =>
  Buffer.concat(bytes.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
const u16 = (value: number) => new ByteWriter().u16(value).take();
const u32 = (value: number) => new ByteWriter().u32(value).take();

/** A value that is preceded by its length in a byte; 0 is NULL. */
function short(typeInfo: Buffer, bytesOf: (value: Exclude<Value, null>) => Buffer): WireType {
  return {
    info: typeInfo,
    write(value, to) {
      const bytes = value === null ? Buffer.alloc(0) : bytesOf(value);
      to.u8(bytes.length).bytes(bytes);
    },
  };
}

const fixedBytes = (typeInfo: Buffer, bytesOf: (value: Exclude<Value, null>) => Buffer): WireType => ({
  info: typeInfo,
  write(value, to) {
    if (value === null) throw new Error('a column of this type has no NULL');
    to.bytes(bytesOf(value));
  },
});

const whole = (size: number) => (value: Exclude<Value, null>) =>
  new ByteWriter().unsigned(BigInt.asUintN(size * 8, BigInt(value as number | string)), size).take();

/** `12.3` at scale 2 is 1230. */
function scaled(value: Exclude<Value, null>, scale: number): bigint {
  const [integer = '', fraction = ''] = String(value).split('.');
  return BigInt(integer + fraction.padEnd(scale, '0'));
}

function decimalBytes(value: Exclude<Value, null>, precision: number, scale: number): Buffer {
  const number = scaled(value, scale);
  const size = precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16;
  return new ByteWriter()
    .u8(number < 0n ? 0 : 1)
    .unsigned(number < 0n ? -number : number, size)
    .take();
}

const decimalType = (id: number, precision: number, scale: number): WireType => {
  const size = precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
  return short(info(id, size, precision, scale), (value) => decimalBytes(value, precision, scale));
};

/** Ten-thousandths as two 4-byte words, the high one first. */
function moneyBytes(value: Exclude<Value, null>): Buffer {
  const number = scaled(value, 4);
  return new ByteWriter()
    .i32(Number(number >> 32n))
    .u32(Number(number & 0xffffffffn))
    .take();
}

const float = (size: 4 | 8) => (value: Exclude<Value, null>) => {
  const bytes = Buffer.alloc(size);
  if (size === 4) bytes.writeFloatLE(value as number);
  else bytes.writeDoubleLE(value as number);
  return bytes;
};

/** Days since 0001-01-01 of `YYYY-MM-DD`. */
const daysOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS + 719_162;

/** `HH:MM:SS[.fffffff]` in units of 10^-scale seconds. */
function timeUnits(time: string, scale: number): bigint {
  const [hours = '0', minutes = '0', seconds = '0'] = time.split(':');
  return scaled(seconds, scale) + (BigInt(hours) * 60n + BigInt(minutes)) * 60n * 10n ** BigInt(scale);
}

const timeSize = (scale: number) => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
const timeBytes = (time: string, scale: number) =>
  new ByteWriter().unsigned(timeUnits(time, scale), timeSize(scale)).take();
const dateBytes = (date: string) => new ByteWriter().unsigned(BigInt(daysOf(date)), 3).take();

function datetime2Bytes(value: string, scale: number): Buffer {
  const [date = '', time = '00:00:00'] = value.split(/[ T]/);
  return Buffer.concat([timeBytes(time, scale), dateBytes(date)]);
}

/** `YYYY-MM-DD HH:MM:SS[.fffffff] +HH:MM`; the wire has the instant in UTC and the offset in minutes. */
function datetimeoffsetBytes(value: string, scale: number): Buffer {
  const [date = '', time = '', offset = ''] = value.split(' ');
  const [, sign = '+', hours = '', minutes = ''] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  const shift = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const day = 86_400n * 10n ** BigInt(scale);
  const units =
    BigInt(daysOf(date)) * day + timeUnits(time, scale) - BigInt(shift * 60) * 10n ** BigInt(scale);
  return new ByteWriter()
    .unsigned(units % day, timeSize(scale))
    .unsigned(units / day, 3)
    .unsigned(BigInt.asUintN(16, BigInt(shift)), 2)
    .take();
}

const DAYS_1900 = 693_595;

/** Days since 1900 and 300ths of a second. */
function datetimeBytes(value: string): Buffer {
  const [date = '', time = '00:00:00'] = value.split(/[ T]/);
  const ticks = Number((timeUnits(time, 3) * 3n + 5n) / 10n);
  return new ByteWriter()
    .i32(daysOf(date) - DAYS_1900)
    .i32(ticks)
    .take();
}

function smalldatetimeBytes(value: string): Buffer {
  const [date = '', time = '00:00'] = value.split(/[ T]/);
  return new ByteWriter()
    .u16(daysOf(date) - DAYS_1900)
    .u16(Number(timeUnits(time, 0) / 60n))
    .take();
}

/** The first three groups of a GUID are little endian. */
function guidBytes(value: string): Buffer {
  const bytes = Buffer.from(value.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** A value that is preceded by its length in two bytes; 0xffff is NULL. */
function long(typeInfo: Buffer, bytesOf: (value: Exclude<Value, null>) => Buffer): WireType {
  return {
    info: typeInfo,
    write(value, to) {
      if (value === null) to.u16(0xffff);
      else {
        const bytes = bytesOf(value);
        to.u16(bytes.length).bytes(bytes);
      }
    },
  };
}

const CHUNK = 1000;

/** Partially length-prefixed ([MS-TDS] 2.2.5.2.3): a length, which may be unknown, and chunks. */
function chunked(
  typeInfo: Buffer,
  bytesOf: (value: Exclude<Value, null>) => Buffer,
  lengthKnown = true,
): WireType {
  return {
    info: typeInfo,
    write(value, to) {
      if (value === null) return void to.u64(0xffff_ffff_ffff_ffffn);
      const bytes = bytesOf(value);
      to.u64(lengthKnown ? BigInt(bytes.length) : 0xffff_ffff_ffff_fffen);
      for (let at = 0; at < bytes.length; at += CHUNK) {
        const chunk = bytes.subarray(at, at + CHUNK);
        to.u32(chunk.length).bytes(chunk);
      }
      to.u32(0);
    },
  };
}

/** TEXT, NTEXT and IMAGE: a text pointer, a timestamp and a length in four bytes. */
function pointed(typeInfo: Buffer, bytesOf: (value: Exclude<Value, null>) => Buffer): WireType {
  return {
    info: typeInfo,
    namesTable: true,
    write(value, to) {
      if (value === null) return void to.u8(0);
      const bytes = bytesOf(value);
      to.u8(16).bytes(Buffer.alloc(16, 1)).bytes(Buffer.alloc(8, 2)).u32(bytes.length).bytes(bytes);
    },
  };
}

/** Length in four bytes, base type, its properties, value. */
const variantOf = (
  base: number,
  properties: Buffer,
  bytesOf: (value: Exclude<Value, null>) => Buffer,
): WireType => ({
  info: info(0x62, u32(8009)),
  write(value, to) {
    if (value === null) return void to.u32(0);
    const bytes = bytesOf(value);
    to.u32(2 + properties.length + bytes.length)
      .u8(base)
      .u8(properties.length)
      .bytes(properties)
      .bytes(bytes);
  },
});

const unicode = (value: Exclude<Value, null>) => Buffer.from(String(value), 'utf16le');
const latin = (value: Exclude<Value, null>) => Buffer.from(String(value), 'latin1');
const utf8 = (value: Exclude<Value, null>) => Buffer.from(String(value), 'utf8');
const binary = (value: Exclude<Value, null>) => Buffer.from(value as Uint8Array);
const text = (bytesOf: (value: string) => Buffer) => (value: Exclude<Value, null>) => bytesOf(String(value));
const bit = (value: Exclude<Value, null>) => Buffer.from([value ? 1 : 0]);
const udtInfo = (name: string) =>
  info(
    0xf0,
    u16(0xffff),
    new ByteWriter().shortText('master').shortText('sys').shortText(name).text('assembly').take(),
  );

/** Each type as SQL Server sends it in a nullable column; the ones named `fixed` as in a NOT NULL column. */
export const WIRE = {
  bit: short(info(0x68, 1), bit),
  tinyint: short(info(0x26, 1), whole(1)),
  smallint: short(info(0x26, 2), whole(2)),
  int: short(info(0x26, 4), whole(4)),
  bigint: short(info(0x26, 8), whole(8)),
  real: short(info(0x6d, 4), float(4)),
  float: short(info(0x6d, 8), float(8)),
  smallmoney: short(info(0x6e, 4), (value) => whole(4)(String(scaled(value, 4)))),
  money: short(info(0x6e, 8), moneyBytes),
  smalldatetime: short(info(0x6f, 4), text(smalldatetimeBytes)),
  datetime: short(info(0x6f, 8), text(datetimeBytes)),
  date: short(info(0x28), text(dateBytes)),
  uniqueidentifier: short(info(0x24, 16), text(guidBytes)),
  fixedBit: fixedBytes(info(0x32), bit),
  fixedTinyint: fixedBytes(info(0x30), whole(1)),
  fixedSmallint: fixedBytes(info(0x34), whole(2)),
  fixedInt: fixedBytes(info(0x38), whole(4)),
  fixedBigint: fixedBytes(info(0x7f), whole(8)),
  fixedReal: fixedBytes(info(0x3b), float(4)),
  fixedFloat: fixedBytes(info(0x3e), float(8)),
  fixedMoney: fixedBytes(info(0x3c), moneyBytes),
  fixedSmallmoney: fixedBytes(info(0x7a), (value) => whole(4)(String(scaled(value, 4)))),
  fixedDatetime: fixedBytes(info(0x3d), text(datetimeBytes)),
  fixedSmalldatetime: fixedBytes(info(0x3a), text(smalldatetimeBytes)),
  nvarcharMax: chunked(info(0xe7, u16(0xffff), LATIN), unicode),
  nvarcharMaxOfUnknownLength: chunked(info(0xe7, u16(0xffff), LATIN), unicode, false),
  varcharMax: chunked(info(0xa7, u16(0xffff), LATIN), latin),
  varbinaryMax: chunked(info(0xa5, u16(0xffff)), binary),
  xml: chunked(info(0xf1, 0), unicode),
  text: pointed(info(0x23, u32(0x7fffffff), LATIN), latin),
  ntext: pointed(info(0x63, u32(0x7ffffffe), LATIN), unicode),
  image: pointed(info(0x22, u32(0x7fffffff)), binary),
  hierarchyid: chunked(udtInfo('hierarchyid'), binary),
  geography: chunked(udtInfo('geography'), binary),
  variantInt: variantOf(0x38, Buffer.alloc(0), whole(4)),
  variantBigint: variantOf(0x7f, Buffer.alloc(0), whole(8)),
  variantDecimal: variantOf(0x6c, Buffer.from([38, 6]), (value) => decimalBytes(value, 38, 6)),
  variantText: variantOf(0xe7, info(u16(8000), LATIN), unicode),
  variantDatetime2: variantOf(
    0x2a,
    Buffer.from([7]),
    text((value) => datetime2Bytes(value, 7)),
  ),
  variantMoney: variantOf(0x3c, Buffer.alloc(0), moneyBytes),
  variantBinary: variantOf(0xa5, info(u16(8000)), binary),
  decimal: (precision: number, scale: number) => decimalType(0x6a, precision, scale),
  numeric: (precision: number, scale: number) => decimalType(0x6c, precision, scale),
  time: (scale: number) =>
    short(
      info(0x29, scale),
      text((value) => timeBytes(value, scale)),
    ),
  datetime2: (scale: number) =>
    short(
      info(0x2a, scale),
      text((value) => datetime2Bytes(value, scale)),
    ),
  datetimeoffset: (scale: number) =>
    short(
      info(0x2b, scale),
      text((value) => datetimeoffsetBytes(value, scale)),
    ),
  nvarchar: (length: number) => long(info(0xe7, u16(length * 2), LATIN), unicode),
  nchar: (length: number) => long(info(0xef, u16(length * 2), LATIN), unicode),
  varchar: (length: number) => long(info(0xa7, u16(length), LATIN), latin),
  char: (length: number) => long(info(0xaf, u16(length), LATIN), latin),
  utf8Varchar: (length: number) => long(info(0xa7, u16(length), UTF8), utf8),
  /** Values are the bytes of code page 1251. */
  cyrillicVarchar: (length: number) => long(info(0xa7, u16(length), CYRILLIC), binary),
  varbinary: (length: number) => long(info(0xa5, u16(length)), binary),
  binary: (length: number) => long(info(0xad, u16(length)), binary),
} as const;
