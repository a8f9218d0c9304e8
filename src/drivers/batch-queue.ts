import type { Column } from '../domain/column.ts';
import { ColumnData } from '../domain/column-data.ts';
import type { Batch } from './driver.ts';

/** What turns rows into columns; made once a statement. */
export interface Decoder {
  columns: readonly Column[];
  /** Value by value, by column; never called with null. */
  store: readonly ((value: never, into: ColumnData, at: number) => void)[];
}

type AnyStore = (value: unknown, into: ColumnData, at: number) => void;

/** Rows go in one by one, batches come out; the buffers of a batch are used again once the next one is taken. */
export class BatchQueue {
  readonly #decoder: Decoder;
  readonly #store: readonly AnyStore[];
  readonly #rows: number;
  readonly #ready: Batch[] = [];
  readonly #free: ColumnData[][] = [];
  #columns: ColumnData[];
  #taken: ColumnData[] | undefined;
  #count = 0;

  constructor(decoder: Decoder, rows: number) {
    this.#decoder = decoder;
    this.#store = decoder.store as readonly AnyStore[];
    this.#rows = rows;
    this.#columns = this.#buffers();
  }

  get ready(): number {
    return this.#ready.length;
  }

  /** Rows in the batch that is being filled. */
  get filling(): number {
    return this.#count;
  }

  /** True when the row filled its batch. */
  push(values: readonly unknown[]): boolean {
    const columns = this.#columns;
    const store = this.#store;
    const at = this.#count++;
    for (let c = 0; c < columns.length; c++) {
      const value = values[c];
      if (value !== null) store[c]!(value, columns[c]!, at);
    }
    return this.#count === this.#rows;
  }

  /** Ends the batch that is being filled; one without rows is none. */
  close(): void {
    if (this.#count === 0) return;
    this.#ready.push({ columns: this.#columns, count: this.#count });
    this.#count = 0;
    this.#columns = this.#buffers();
  }

  take(): Batch | undefined {
    const batch = this.#ready.shift();
    if (!batch) return undefined;
    if (this.#taken) this.#free.push(this.#taken);
    this.#taken = batch.columns as ColumnData[];
    return batch;
  }

  #buffers(): ColumnData[] {
    const used = this.#free.pop();
    const { columns } = this.#decoder;
    const buffers = used ?? columns.map(({ type }) => new ColumnData(type, this.#rows));
    for (const [i, buffer] of buffers.entries()) {
      if (used) buffer.clear();
      buffer.scale = columns[i]!.scale ?? this.#columns?.[i]?.scale ?? 0;
    }
    return buffers;
  }
}
