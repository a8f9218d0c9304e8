import { copyFile, open } from 'node:fs/promises';
import { AppError } from '../base/errors.ts';
import { readAt } from './read-chunks.ts';

/** A field of Thrift's compact protocol. What is neither a struct nor a list is kept as its bytes. */
export interface Field {
  id: number;
  type: number;
  value: Value;
}
export type Value = Uint8Array | Struct | List;
export interface Struct {
  fields: Field[];
}
export interface List {
  type: number;
  items: Value[];
}

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;
const MAX_DEPTH = 64;

const damaged = (why: string) =>
  new AppError('dataset.badFile', 'The Parquet file is damaged or cut off', {
    pointer: '/file',
    cause: new Error(why),
  });

class Reader {
  #at = 0;
  #depth = 0;
  constructor(readonly bytes: Uint8Array) {}

  #byte(): number {
    const byte = this.bytes[this.#at++];
    if (byte === undefined) throw damaged('The footer ends in the middle of a value');
    return byte;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  #skip(count: number): void {
    if (this.#at + count > this.bytes.length) throw damaged('The footer ends in the middle of a value');
    this.#at += count;
  }

  struct(): Struct {
    const fields: Field[] = [];
    for (let id = 0; ; ) {
      const header = this.#byte();
      if (header === 0) return { fields };
      const delta = header >> 4;
      if (delta > 0) id += delta;
      else {
        const zigzag = this.#varint();
        id = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
      const type = header & 15;
      fields.push({
        id,
        type,
        value: type === TRUE || type === FALSE ? new Uint8Array() : this.#value(type),
      });
    }
  }

  #value(type: number): Value {
    if (type === STRUCT || type === LIST || type === SET) {
      if (++this.#depth > MAX_DEPTH) throw damaged('The footer is nested too deeply');
      const value = type === STRUCT ? this.struct() : this.#list();
      this.#depth--;
      return value;
    }
    const start = this.#at;
    if (type === TRUE || type === FALSE || type === BYTE) this.#skip(1);
    else if (type === DOUBLE) this.#skip(8);
    else if (type === BINARY) this.#skip(this.#varint());
    else if (type > BYTE && type < DOUBLE) this.#varint();
    else throw damaged(`The footer has a value of the unknown type ${type}`);
    return this.bytes.subarray(start, this.#at);
  }

  #list(): List {
    const header = this.#byte();
    const size = header >> 4 === 15 ? this.#varint() : header >> 4;
    const type = header & 15;
    if (size > this.bytes.length) throw damaged('The footer has a list that is longer than itself');
    return { type, items: Array.from({ length: size }, () => this.#value(type)) };
  }
}

function varint(value: number, output: number[]): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) output.push((rest % 128) + 128);
  output.push(rest);
}

function write(value: Value, output: number[]): void {
  if (value instanceof Uint8Array) for (const byte of value) output.push(byte);
  else if ('items' in value) {
    const { length } = value.items;
    output.push((Math.min(length, 15) << 4) | value.type);
    if (length >= 15) varint(length, output);
    for (const item of value.items) write(item, output);
  } else {
    let last = 0;
    for (const { id, type, value: inner } of value.fields) {
      const delta = id - last;
      if (delta > 0 && delta < 16) output.push((delta << 4) | type);
      else {
        output.push(type);
        varint(id < 0 ? -2 * id - 1 : 2 * id, output);
      }
      write(inner, output);
      last = id;
    }
    output.push(0);
  }
}

const TAIL = 8;

/** The metadata at the end of a Parquet file, and where they start. */
export async function readFooter(path: string): Promise<{ metadata: Struct; start: number }> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const tail = await readAt(handle, size - TAIL, TAIL);
    const length = tail.readUInt32LE(0);
    const start = size - TAIL - length;
    if (start < 4) throw damaged('The footer is longer than the file');
    return { metadata: new Reader(await readAt(handle, start, length)).struct(), start };
  } finally {
    await handle.close();
  }
}

/** Copies a Parquet file with other metadata behind the same data. */
export async function copyWithFooter(
  from: string,
  to: string,
  metadata: Struct,
  start: number,
): Promise<void> {
  await copyFile(from, to);
  const output: number[] = [];
  write(metadata, output);
  const footer = Buffer.alloc(output.length + TAIL);
  footer.set(output);
  footer.writeUInt32LE(output.length, output.length);
  footer.write('PAR1', output.length + 4, 'latin1');
  const handle = await open(to, 'r+');
  try {
    await handle.truncate(start);
    await handle.write(footer, 0, footer.length, start);
  } finally {
    await handle.close();
  }
}

export const without = ({ fields }: Struct, ids: readonly number[]): Struct => ({
  fields: fields.filter(({ id }) => !ids.includes(id)),
});
