/** What starts this program again: the compiled file itself, or Bun with the entry of the sources. */
export function programCommand(): string[] {
  return Bun.main.startsWith('/$bunfs/') ? [process.execPath] : [process.execPath, Bun.main];
}
