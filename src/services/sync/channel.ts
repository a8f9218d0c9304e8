/** What one side puts in, the other takes out in order, until the end or a failure. */
export class Channel<T> {
  readonly #items: T[] = [];
  #end: { error?: unknown } | undefined;
  #wake = Promise.withResolvers<void>();

  put(item: T): void {
    this.#items.push(item);
    this.#wake.resolve();
  }

  end(): void {
    this.#end ??= {};
    this.#wake.resolve();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.#end && 'error' in this.#end) throw this.#end.error;
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#end) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    }
  }
}
