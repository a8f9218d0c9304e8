import type StreamParser from 'tedious/lib/token/stream-parser';
import type { TokenReader } from 'tedious/lib/token/stream-parser';
import { RowToken } from 'tedious/lib/token/token';
import { ColumnData } from '../../domain/column-data.ts';
import { need } from './chunk.ts';
import type { SourceColumn } from './values.ts';

export const ROW = 0xd1;
export const NULL_BITMAP_ROW = 0xd2;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Reads rows from the bytes of an answer straight into columns, as many as have arrived and fit: no object a row or a value.
 * tedious's own reader makes JS numbers of decimals, money and long times, which loses digits.
 */
export class RowReader implements TokenReader {
  readonly columns: readonly ColumnData[];
  /** Rows that stand in `columns`. */
  count = 0;
  /** No further row fits; decided after each row, so that it never changes within one. */
  full = false;
  /** Bytes that came in since `columns` were empty. */
  arrivedBytes = 0;
  readonly #token = new RowToken([]);
  #next = 0;
  #sparse = false;
  #nulls: Buffer | undefined;

  /** Bytes that came since the last whole row, about. */
  #rowBytes = 0;

  /** `onTooLarge` is called once a row has more than `maxRowBytes`. */
  constructor(
    readonly source: readonly SourceColumn[],
    readonly size: number,
    readonly maxRowBytes = Number.POSITIVE_INFINITY,
    readonly onTooLarge: () => void = () => undefined,
  ) {
    this.columns = source.map(({ column }) => new ColumnData(column.type, size));
    this.clear();
  }

  arrived(bytes: number): void {
    this.arrivedBytes += bytes;
    this.#rowBytes += bytes;
    if (this.#rowBytes > this.maxRowBytes) this.onTooLarge();
  }

  clear(): void {
    this.count = 0;
    this.full = false;
    this.arrivedBytes = 0;
    for (const [index, column] of this.columns.entries()) {
      column.clear();
      column.scale = this.source[index]!.scale || column.scale;
    }
  }

  /** The parser stands behind the token's type byte. */
  start(type: number): this {
    this.#sparse = type === NULL_BITMAP_ROW;
    this.#next = 0;
    this.#nulls = undefined;
    return this;
  }

  /** Keeps its place when it throws for want of data, and goes on from there. */
  read(parser: StreamParser): RowToken {
    for (;;) {
      this.#readRow(parser);
      this.count++;
      this.#rowBytes = 0;
      this.full = this.count === this.size || this.arrivedBytes > BATCH_BYTES;
      const type = parser.buffer[parser.position];
      if (this.full || (type !== ROW && type !== NULL_BITMAP_ROW)) return this.#token;
      parser.position++;
      this.start(type);
    }
  }

  #readRow(parser: StreamParser): void {
    const { source, columns, count } = this;
    if (this.#sparse && !this.#nulls) {
      const end = parser.position + ((columns.length + 7) >> 3);
      need(parser, end);
      this.#nulls = parser.buffer.subarray(parser.position, end);
      parser.position = end;
    }
    const nulls = this.#nulls;
    for (let i = this.#next; i < columns.length; i++) {
      this.#next = i;
      if (nulls && (nulls[i >> 3]! & (1 << (i & 7))) !== 0) continue;
      source[i]!.read(parser, columns[i]!, count);
    }
    this.#next = columns.length;
  }
}
