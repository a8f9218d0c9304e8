import { fixed } from '../../domain/column-data.ts';
import { type Chunk, need } from './chunk.ts';
import * as decode from './decode.ts';

type Read = (buffer: Buffer, properties: number, at: number, length: number) => string;

const scaled =
  (of: decode.Decode<number | bigint>, scale: number): Read =>
  (buffer, _, at, length) =>
    fixed(BigInt(of(buffer, at, length)), scale);
const plain =
  (of: decode.Decode<string>): Read =>
  (buffer, _, at, length) =>
    of(buffer, at, length);
const float: Read = (buffer, _, at, length) => String(decode.float(buffer, at, length));
const bit: Read = (buffer, _, at) => (buffer[at] ? 'true' : 'false');
/** Properties: maximum length (2 bytes) and collation (5); the code page is not decoded, UTF-8 and ASCII come out right. */
const chars: Read = (buffer, _, at, length) => decode.codePage(undefined)(buffer, at, length);
const decimal: Read = (buffer, properties, at, length) =>
  fixed(BigInt(decode.decimal(buffer, at, length)), buffer[properties + 1]!);

/** By type id ([MS-TDS] 2.2.5.5.4). */
const BASES: ReadonlyMap<number, Read> = new Map<number, Read>([
  [0x30, scaled(decode.whole, 0)],
  [0x34, scaled(decode.whole, 0)],
  [0x38, scaled(decode.whole, 0)],
  [0x7f, scaled(decode.whole, 0)],
  [0x32, bit],
  [0x3b, float],
  [0x3e, float],
  [0x3c, scaled(decode.money, 4)],
  [0x7a, scaled(decode.money, 4)],
  [0x3a, plain(decode.datetime())],
  [0x3d, plain(decode.datetime())],
  [0x24, plain(decode.guid)],
  [0x28, plain(decode.date())],
  [0x29, (buffer, properties, at, length) => decode.time(buffer[properties]!)(buffer, at, length)],
  [0x2a, (buffer, properties, at, length) => decode.datetime2(buffer[properties]!, '')(buffer, at, length)],
  [0x2b, (buffer, properties, at, length) => decode.datetime2(buffer[properties]!, 'Z')(buffer, at, length)],
  [0x6a, decimal],
  [0x6c, decimal],
  [0xa5, plain(decode.bytes)],
  [0xad, plain(decode.bytes)],
  [0xa7, chars],
  [0xaf, chars],
  [0xe7, plain(decode.unicode)],
  [0xef, plain(decode.unicode)],
]);

/** A SQL_VARIANT as text, whatever it holds; undefined for null. */
export function readVariant(from: Chunk): string | undefined {
  need(from, from.position + 4);
  const length = from.buffer.readUInt32LE(from.position);
  if (length === 0) {
    from.position += 4;
    return undefined;
  }
  const start = from.position + 4;
  need(from, start + length);
  const base = from.buffer[start]!;
  const size = from.buffer[start + 1]!;
  const at = start + 2 + size;
  const read = BASES.get(base);
  if (!read) throw new Error(`a sql_variant of type 0x${base.toString(16)} cannot be read`);
  from.position = start + length;
  return read(from.buffer, start + 2, at, start + length - at);
}
