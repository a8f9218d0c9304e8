const SLICE_MS = 2;

/**
 * Does `work` for one item after another; the event loop turns at least every few milliseconds, so that many items hold up nobody else. Several calls may
 * share one iterator, which is what makes them lanes. Items that a set gets meanwhile are done too; rejects with what `work` throws.
 */
export async function inSlices<T>(items: Iterable<T>, work: (item: T) => unknown): Promise<void> {
  let endsMs = performance.now() + SLICE_MS;
  for (const item of items) {
    const done = work(item);
    if (done instanceof Promise) await done;
    if (performance.now() < endsMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    endsMs = performance.now() + SLICE_MS;
  }
}
