const TOLERANCE = 1e-9;

function sameNumber(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), 1e-6);
}

/** Both sides of 2^53 itself are right: it is exact as a number and as text. */
function sameAtTheEdge(a: unknown, b: unknown): boolean {
  return [a, b].every(
    (value) => String(value) === '9007199254740992' || String(value) === '-9007199254740992',
  )
    ? String(a) === String(b)
    : false;
}

/** The first place where two JSON values differ; undefined where they are the same. Floats may differ by 1e-9 of their size. */
export function difference(got: unknown, expected: unknown, at = ''): string | undefined {
  if (Object.is(got, expected)) return undefined;
  if (typeof got === 'number' && typeof expected === 'number' && sameNumber(got, expected)) return undefined;
  if (sameAtTheEdge(got, expected)) return undefined;
  if (Array.isArray(got) && Array.isArray(expected)) {
    if (got.length !== expected.length)
      return `${at}: ${got.length} in place of ${expected.length}: ${JSON.stringify(got)} ≠ ${JSON.stringify(expected)}`;
    for (const [i, item] of got.entries()) {
      const found = difference(item, expected[i], `${at}/${i}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof got === 'object' && typeof expected === 'object' && got !== null && expected !== null) {
    for (const key of new Set([...Object.keys(got), ...Object.keys(expected)])) {
      const found = difference(Reflect.get(got, key), Reflect.get(expected, key), `${at}/${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${at}: ${JSON.stringify(got)} in place of ${JSON.stringify(expected)}`;
}
