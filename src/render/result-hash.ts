import { createHash, type Hash } from 'node:crypto';
import type { Column } from '../domain/column.ts';
import type { ColumnData } from '../domain/column-data.ts';

/** States, numbers and texts of one column, each a stream of its own so that where chunks end does not matter. */
interface ColumnHashes {
  states: Hash;
  numbers: Hash;
  texts: Hash;
}

const sha256 = () => createHash('sha256');

/**
 * The hash of a result's content: of its columns' names, types, labels, formats and values, whatever the format it is rendered in and however it
 * was cut into chunks.
 */
export class ResultHash {
  readonly #columns: ColumnHashes[];
  readonly #names: string;

  constructor(columns: readonly Column[]) {
    this.#columns = columns.map(() => ({ states: sha256(), numbers: sha256(), texts: sha256() }));
    this.#names = JSON.stringify(
      columns.map(({ name, type, label, format }) =>
        label === undefined && format === undefined ? [name, type] : [name, type, label, format],
      ),
    );
  }

  /** Adds the first `count` slots of each column; numbers of slots without one must be 0. */
  add(columns: readonly ColumnData[], count: number): void {
    for (const [i, column] of columns.entries()) {
      const hashes = this.#columns[i]!;
      hashes.states.update(column.states.subarray(0, count));
      if (column.numbers.length > 0)
        hashes.numbers.update(new Uint8Array(column.numbers.buffer, 0, count * 8));
      for (let row = 0; column.texts.length > 0 && row < count; row++) {
        const text = column.texts[row];
        if (text !== undefined) hashes.texts.update(`${text.length}:${text}`);
      }
    }
  }

  /** `extra` is anything else that belongs to the result, such as the members of an axis. */
  digest(extra = ''): string {
    const all = sha256().update(this.#names).update(extra);
    for (const { states, numbers, texts } of this.#columns)
      all.update(states.digest()).update(numbers.digest()).update(texts.digest());
    return all.digest('hex').slice(0, 32);
  }
}
