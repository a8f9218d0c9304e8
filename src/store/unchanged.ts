/** Past so many it begins again: names that are asked for are bounded by nothing else. */
const MOST = 10_000;

/** Keeps what was read from the metadata while nothing was written there. */
export class Unchanged<V> {
  readonly #values = new Map<string, V>();
  #mark: string | undefined;

  /** `mark` is that of the database, taken before it is read. */
  get(key: string, mark: string | undefined): V | undefined {
    return mark !== undefined && mark === this.#mark ? this.#values.get(key) : undefined;
  }

  set(key: string, value: V, mark: string | undefined): void {
    if (mark === undefined) return;
    if (mark !== this.#mark || this.#values.size >= MOST) this.#values.clear();
    this.#mark = mark;
    this.#values.set(key, value);
  }
}
