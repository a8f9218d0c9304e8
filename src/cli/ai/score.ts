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

/** A row without the order of its columns, which a question leaves open. */
const rowWord = (row: readonly unknown[]) => row.map(wordOf).sort().join('\u0001');

/** Whether two answers hold the same rows, whatever their order and that of their columns. */
export function sameRows(a: EvalRows, b: EvalRows): boolean {
  if (a.rows.length !== b.rows.length) return false;
  const [left, right] = [a, b].map(({ rows }) => rows.map(rowWord).sort());
  return left!.every((word, i) => word === right![i]);
}
