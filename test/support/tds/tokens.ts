import { ByteWriter } from './bytes.ts';
import type { Value, WireType } from './types.ts';

/** [MS-TDS] 2.2.7: the tokens that a server sends. */
export interface WireColumn {
  name: string;
  type: WireType;
}

export interface ServerMessage {
  number: number;
  message: string;
  class?: number;
  state?: number;
}

const NULLABLE = 0x01;

export function columnMetadata(columns: readonly WireColumn[]): Buffer {
  const to = new ByteWriter().u8(0x81).u16(columns.length);
  for (const { name, type } of columns) {
    to.u32(0).u16(NULLABLE).bytes(type.info);
    if (type.namesTable) to.u8(1).text('t');
    to.shortText(name);
  }
  return to.take();
}

export function row(columns: readonly WireColumn[], values: readonly Value[]): Buffer {
  const to = new ByteWriter().u8(0xd1);
  for (const [index, { type }] of columns.entries()) type.write(values[index] ?? null, to);
  return to.take();
}

/** A row whose nulls are bits in front of it. */
export function nullBitmapRow(columns: readonly WireColumn[], values: readonly Value[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(columns.length / 8));
  for (const index of columns.keys())
    if ((values[index] ?? null) === null) bits[index >> 3]! |= 1 << (index & 7);
  const to = new ByteWriter().u8(0xd2).bytes(bits);
  for (const [index, { type }] of columns.entries())
    if ((values[index] ?? null) !== null) type.write(values[index]!, to);
  return to.take();
}

function message(
  token: number,
  { number, message: text, class: severity = 16, state = 1 }: ServerMessage,
): Buffer {
  const body = new ByteWriter()
    .u32(number)
    .u8(state)
    .u8(severity)
    .text(text)
    .shortText('tds-test')
    .shortText('')
    .u32(1)
    .take();
  return new ByteWriter().u8(token).u16(body.length).bytes(body).take();
}

export const errorToken = (error: ServerMessage) => message(0xaa, error);
export const infoToken = (info: ServerMessage) => message(0xab, { class: 0, ...info });

export const DONE = { done: 0xfd, doneProc: 0xfe, doneInProc: 0xff } as const;
export const DONE_STATUS = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;

export const doneToken = (token: number, status: number, rows = 0) =>
  new ByteWriter().u8(token).u16(status).u16(0xc1).u64(BigInt(rows)).take();

export const returnStatus = (value: number) => new ByteWriter().u8(0x79).i32(value).take();

function envChange(kind: number, body: Buffer): Buffer {
  return new ByteWriter()
    .u8(0xe3)
    .u16(body.length + 1)
    .u8(kind)
    .bytes(body)
    .take();
}

export const databaseChange = (to: string, from: string) =>
  envChange(1, new ByteWriter().shortText(to).shortText(from).take());
export const packetSizeChange = (to: number, from: number) =>
  envChange(4, new ByteWriter().shortText(String(to)).shortText(String(from)).take());
export const collationChange = () =>
  envChange(
    7,
    new ByteWriter()
      .u8(5)
      .bytes(Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]))
      .u8(0)
      .take(),
  );
export const transactionBegun = (descriptor: bigint) =>
  envChange(8, new ByteWriter().u8(8).u64(descriptor).u8(0).take());
export const transactionEnded = (how: 'commit' | 'rollback', descriptor: bigint) =>
  envChange(how === 'commit' ? 9 : 10, new ByteWriter().u8(0).u8(8).u64(descriptor).take());

/** TDS 7.4 and a program name. */
export function loginAck(): Buffer {
  const name = 'TDS test server';
  const body = new ByteWriter()
    .u8(1)
    .bytes(Buffer.from([0x74, 0x00, 0x00, 0x04]))
    .shortText(name)
    .bytes(Buffer.from([16, 0, 0x10, 0x00]))
    .take();
  return new ByteWriter().u8(0xad).u16(body.length).bytes(body).take();
}
