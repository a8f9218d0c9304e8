import type { Column } from '../domain/column.ts';
import type { ColumnData } from '../domain/column-data.ts';
import type { Numbers, RowFormat } from '../domain/query-result.ts';
import { ByteWriter } from './byte-writer.ts';
import { csvText, csvValues, jsonValues, type WriteValue } from './values.ts';

/** Turns chunks of columns into the bytes of an answer. A JSON answer is left open: the front adds `,"meta":{…}}`. */
export interface RowEncoder {
  add(columns: readonly ColumnData[], count: number): void;
  end(): void;
  /** Bytes that are ready to be taken. */
  readonly pending: number;
  /** Bytes of the answer that were not taken yet, ready or not. */
  readonly size: number;
  take(): Uint8Array<ArrayBuffer>;
}

/** Names as an answer lists them. */
export function columnsJson(columns: readonly Column[]): string {
  return JSON.stringify(
    columns.map(({ name, type, label = name, format }) => ({ name, type, label, format })),
  );
}

abstract class Encoder implements RowEncoder {
  protected readonly out = new ByteWriter();
  abstract add(columns: readonly ColumnData[], count: number): void;
  abstract end(): void;

  get pending(): number {
    return this.out.length;
  }

  get size(): number {
    return this.out.length;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.out.take();
  }
}

class JsonRows extends Encoder {
  #first = true;

  /** `prefixes[c]` stands before the value of column c. */
  constructor(
    columns: readonly Column[],
    readonly numbers: Numbers,
    readonly open: string,
    readonly close: string,
    readonly prefixes: readonly string[],
  ) {
    super();
    this.out.text(`{"columns":${columnsJson(columns)},"rows":[`);
  }

  override add(columns: readonly ColumnData[], count: number): void {
    const values = columns.map((column) => jsonValues(column, this.out, this.numbers));
    for (let row = 0; row < count; row++) {
      this.out.text(this.#first ? this.open : `,${this.open}`);
      this.#first = false;
      for (let c = 0; c < values.length; c++) {
        this.out.text(this.prefixes[c]!);
        values[c]!(row);
      }
      this.out.text(this.close);
    }
  }

  override end(): void {
    this.out.text(']');
  }
}

/** Columns are only whole at the end, so each is written to a buffer of its own. */
class JsonColumns extends Encoder {
  readonly #parts: ByteWriter[];
  #count = 0;

  constructor(
    readonly columns: readonly Column[],
    readonly numbers: Numbers,
  ) {
    super();
    this.#parts = columns.map(() => new ByteWriter(4096));
  }

  override get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  override add(columns: readonly ColumnData[], count: number): void {
    for (const [c, column] of columns.entries()) {
      const part = this.#parts[c]!;
      const value = jsonValues(column, part, this.numbers);
      for (let row = 0; row < count; row++) {
        if (this.#count + row > 0) part.text(',');
        value(row);
      }
    }
    this.#count += count;
  }

  override end(): void {
    this.out.text(`{"columns":${columnsJson(this.columns)},"data":[`);
    for (const [c, part] of this.#parts.entries()) {
      this.out.text(c === 0 ? '[' : ',[');
      this.out.bytes(part.take());
      this.out.text(']');
    }
    this.out.text(']');
  }
}

class Csv extends Encoder {
  constructor(columns: readonly Column[]) {
    super();
    this.out.text(`${columns.map(({ name }) => csvText(name)).join(',')}\r\n`);
  }

  override add(columns: readonly ColumnData[], count: number): void {
    const values: WriteValue[] = columns.map((column) => csvValues(column, this.out));
    for (let row = 0; row < count; row++) {
      for (let c = 0; c < values.length; c++) {
        if (c > 0) this.out.text(',');
        values[c]!(row);
      }
      this.out.text('\r\n');
    }
  }

  override end(): void {
    // A CSV file has no end of its own.
  }
}

export function rowEncoder(format: RowFormat, columns: readonly Column[], numbers: Numbers): RowEncoder {
  if (format === 'csv') return new Csv(columns);
  if (format === 'columns') return new JsonColumns(columns, numbers);
  if (format === 'objects') {
    const prefixes = columns.map(({ name }, c) => `${c > 0 ? ',' : ''}${JSON.stringify(name)}:`);
    return new JsonRows(columns, numbers, '{', '}', prefixes);
  }
  return new JsonRows(
    columns,
    numbers,
    '[',
    ']',
    columns.map((_, c) => (c > 0 ? ',' : '')),
  );
}
