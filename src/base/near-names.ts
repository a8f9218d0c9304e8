const MAX_SUGGESTIONS = 3;
const MAX_COMPARED = 100;

/** Up to three of `known` that `name` may have meant: equal but for case, or few edits away. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = folded(name);
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return known
    .map((candidate) => ({ candidate, edits: edits(wanted, folded(candidate), allowed) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

const folded = (name: string) => name.slice(0, MAX_COMPARED).trim().toLowerCase();

/** Edits, of which swapping two neighbours is one, or something above `limit` as soon as it must be. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeThat: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = before[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap && row > 1 && column > 1 ? beforeThat[column - 2]! + 1 : replaced;
      current.push(Math.min(replaced, swapped, before[column]! + 1, current[column - 1]! + 1));
    }
    [beforeThat, before] = [before, current];
  }
  return before[b.length]!;
}
