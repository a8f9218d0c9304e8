/** Above what anything here takes on a busy machine. */
const LONGEST_MS = 60_000;

/** Waits until `condition` gives true; throws after a minute, naming what was waited for. */
export async function waitFor(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited too long for ${what}`);
    await Bun.sleep(20);
  }
}
