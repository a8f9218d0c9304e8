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

/** Levenshtein distance, or something above `limit` as soon as it must be. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = before[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, before[column]! + 1, current[column - 1]! + 1));
    }
    before = current;
  }
  return before[b.length]!;
}
