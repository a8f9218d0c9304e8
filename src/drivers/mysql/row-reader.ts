import { type Field, GEOMETRY } from './values.ts';

/** What is used of the library's packets, which its types do not say. */
export interface RowPacket {
  buffer: Buffer;
  offset: number;
  readInt8(): number;
  readSInt8(): number;
  readInt16(): number;
  readSInt16(): number;
  readInt32(): number;
  readSInt32(): number;
  readInt64(): number | string;
  readSInt64(): number | string;
  readFloat(): number;
  readDouble(): number;
  readTimeString(): string;
  readLengthCodedString(encoding: string): string;
  readLengthCodedBuffer(): Buffer;
}

type Read = (packet: RowPacket) => unknown;

const UNSIGNED = 32;
const BINARY_CHARSET = 63;
const JSON_TYPE = 245;
const DATES: ReadonlySet<number> = new Set([7, 10, 12, 14]);
const DECIMALS: ReadonlySet<number> = new Set([0, 246]);

const INTEGERS: Readonly<Record<number, readonly [signed: Read, unsigned: Read]>> = {
  1: [(packet) => packet.readSInt8(), (packet) => packet.readInt8()],
  2: [(packet) => packet.readSInt16(), (packet) => packet.readInt16()],
  3: [(packet) => packet.readSInt32(), (packet) => packet.readInt32()],
  8: [(packet) => packet.readSInt64(), (packet) => packet.readInt64()],
  9: [(packet) => packet.readSInt32(), (packet) => packet.readInt32()],
  13: [(packet) => packet.readSInt16(), (packet) => packet.readInt16()],
};

const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

function fractionOf(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
}

/** A date or time in ISO form; its month or its day may be zero. */
function readDate(packet: RowPacket, isDate: boolean, zone: string): string {
  const { buffer, offset } = packet;
  const length = buffer[offset]!;
  packet.offset = offset + 1 + length;
  if (length === 0) return isDate ? '0000-00-00' : `0000-00-00T00:00:00${zone}`;
  const month = buffer[offset + 3]!;
  const day = buffer[offset + 4]!;
  const year = buffer[offset + 1]! + buffer[offset + 2]! * 256;
  const date = `${year < 1000 ? String(year).padStart(4, '0') : year}-${TWO[month]}-${TWO[day]}`;
  if (isDate) return date;
  if (length < 7) return `${date}T00:00:00${zone}`;
  const time = `${TWO[buffer[offset + 5]!]}:${TWO[buffer[offset + 6]!]}:${TWO[buffer[offset + 7]!]}`;
  return `${date}T${time}${length < 11 ? '' : fractionOf(buffer.readUInt32LE(offset + 8))}${zone}`;
}

function readerOf(field: Field & { encoding: string }): Read {
  const { columnType, encoding } = field;
  const integers = INTEGERS[columnType];
  if (integers) return integers[(field.flags & UNSIGNED) === 0 ? 0 : 1];
  if (columnType === 4) return (packet) => packet.readFloat();
  if (columnType === 5) return (packet) => packet.readDouble();
  if (columnType === 11) return (packet) => packet.readTimeString();
  if (DATES.has(columnType)) {
    const isDate = columnType === 10 || columnType === 14;
    const zone = columnType === 7 ? 'Z' : '';
    return (packet) => readDate(packet, isDate, zone);
  }
  if (DECIMALS.has(columnType)) return (packet) => packet.readLengthCodedString('ascii');
  if (columnType === JSON_TYPE) return (packet) => packet.readLengthCodedString('utf8');
  if (columnType === GEOMETRY || (field.characterSet === BINARY_CHARSET && !field.extendedFormat))
    return (packet) => packet.readLengthCodedBuffer();
  return (packet) => packet.readLengthCodedString(encoding);
}

/** Bits of the null map before the first column's. */
const NULL_OFFSET = 2;

/**
 * What the library makes of each row of a prepared statement, in its place: a class whose `next` reads a row as an array. Its own
 * reader spends most of its time on date texts and cannot say how long a geometry is (mysql2 3.24;
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html).
 */
export function rowReader(fields: readonly Field[]) {
  const reads = (fields as readonly (Field & { encoding: string })[]).map(readerOf);
  const mapBytes = Math.floor((fields.length + 7 + NULL_OFFSET) / 8);
  return class {
    next(packet: RowPacket): unknown[] {
      const map = packet.offset + 1;
      const { buffer } = packet;
      packet.offset = map + mapBytes;
      const row = new Array<unknown>(reads.length);
      for (let i = 0; i < reads.length; i++) {
        const bit = i + NULL_OFFSET;
        const isNull = ((buffer[map + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
        row[i] = isNull ? null : reads[i]!(packet);
      }
      return row;
    }
  };
}
