import { numbersIn } from '../../ai/figures.ts';
import type { AnyQuery } from '../../domain/ai-query.ts';
import type { GridResult, RowsResult } from './data.ts';

/** A query with its answer. */
export type QueryResult = { query: AnyQuery } & (
  | { kind: 'spec'; result: RowsResult }
  | { kind: 'pivot'; result: GridResult }
);

/** An answer as a table, whichever kind of query gave it: what is told to a model, and what its figures are held against. */
export interface ResultTable {
  columns: string[];
  rows: unknown[][];
  rowCount: number;
}

const label = (member: readonly unknown[], levels: readonly string[]) =>
  member.length === 0
    ? ['total', ...levels.slice(1).map(() => '')]
    : levels.map((_, i) => (i < member.length ? member[i] : 'total'));

const tableOfRows = ({ columns, rows }: RowsResult): ResultTable => ({
  columns: columns.map(({ name }) => name),
  rows,
  rowCount: rows.length,
});

export function tableOfGrid({ rows, columns, measures, cells }: GridResult): ResultTable {
  const heads = columns.members.flatMap((member) =>
    measures.map(({ name }) =>
      [...(columns.levels.length > 0 ? label(member, columns.levels) : []), name]
        .filter((part) => part !== '')
        .join(' / '),
    ),
  );
  return {
    columns: [...rows.levels, ...heads],
    rows: cells.map((line, r) => [...label(rows.members[r] ?? [], rows.levels), ...line]),
    rowCount: cells.length,
  };
}

export const tableOf = (answer: QueryResult): ResultTable =>
  answer.kind === 'spec' ? tableOfRows(answer.result) : tableOfGrid(answer.result);

/** All numbers that a text about the table may state: its values, how many rows it has. */
export const numbersOf = ({ columns, rows, rowCount }: ResultTable): number[] => [
  rowCount,
  ...columns.flatMap(numbersIn),
  ...rows.flatMap((row) => row.flatMap(numbersIn)),
];

const shown = (value: unknown) => (value === null ? '(none)' : String(value));
const MOST_LINES = 10;

/** The table in plain words, where no value may leave for a model to word it. */
export function plainText({ columns, rows, rowCount }: ResultTable): string {
  if (rowCount === 0) return 'There are no rows.';
  const [first] = rows;
  if (rowCount === 1) return columns.map((name, i) => `${name}: ${shown(first![i])}`).join(', ');
  const lines = rows
    .slice(0, MOST_LINES)
    .map((row) => `- ${columns.map((name, i) => `${name}: ${shown(row[i])}`).join(', ')}`);
  const more = rowCount > MOST_LINES ? [`… and ${rowCount - MOST_LINES} more rows`] : [];
  return [...lines, ...more].join('\n');
}
