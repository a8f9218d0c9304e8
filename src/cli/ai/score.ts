/** The rows of an answer, whichever query gave them. */
export interface EvalRows {
  rows: readonly (readonly unknown[])[];
}

/** Digits that count of a number: floats may differ behind them by the order of their addition. */
const DIGITS = 12;

const wordOf = (value: unknown): string => {
  if (value === null || value === undefined) return '\u0000';
  const number =
    typeof value === 'number' ? value : /^-?\d+(?:\.\d+)?$/.test(String(value)) ? Number(value) : undefined;
  return number === undefined ? `t ${String(value)}` : `n ${Number(number.toPrecision(DIGITS))}`;
};

const SEPARATOR = '\u0001';

/** One word a column that is the same for columns of the same values, in whatever order. */
const columnWord = (rows: readonly (readonly string[])[], column: number): string =>
  rows
    .map((row) => row[column])
    .sort()
    .join(SEPARATOR);

/** Columns of equal values may be told apart by their rows only; more ways than these are not tried. */
const MOST_WAYS = 5000;

/** The ways to put columns of one answer in the places of those of the other, values alone considered. */
function* ways(
  wanted: readonly string[],
  given: readonly string[],
  taken: readonly number[] = [],
): Generator<readonly number[]> {
  const place = taken.length;
  if (place === wanted.length) return yield taken;
  for (const [column, word] of given.entries())
    if (word === wanted[place] && !taken.includes(column)) yield* ways(wanted, given, [...taken, column]);
}

const rowWords = (rows: readonly (readonly string[])[], columns: readonly number[]) =>
  rows.map((row) => columns.map((column) => row[column]).join(SEPARATOR)).sort();

/** Whether two answers hold the same rows, whatever their order and that of their columns, which a question leaves open. */
export function sameRows(a: EvalRows, b: EvalRows): boolean {
  const [left, right] = [a, b].map(({ rows }) => rows.map((row) => row.map(wordOf))) as [
    string[][],
    string[][],
  ];
  const width = left[0]?.length ?? 0;
  if (left.length !== right.length || width !== (right[0]?.length ?? 0)) return false;
  const columns = Array.from({ length: width }, (_, column) => column);
  const [wanted, given] = [left, right].map((rows) => columns.map((column) => columnWord(rows, column)));
  const words = rowWords(left, columns);
  let tried = 0;
  for (const way of ways(wanted!, given!)) {
    const found = rowWords(right, way);
    if (words.every((word, i) => word === found[i])) return true;
    if (++tried === MOST_WAYS) return false;
  }
  return false;
}
