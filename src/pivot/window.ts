import { AppError } from '../base/errors.ts';

export interface AxisSize {
  details: number;
  totals: number;
  offset: number;
  /** As asked; undefined asks for all. */
  limit: number | undefined;
}

export interface Window {
  from: number;
  to: number;
  /** Whether the limit on cells cut what was asked for. */
  cut: boolean;
}

/** Details of the other axis that are kept room for, however many the first axis has. */
const KEEP = 100;

function wanted({ details, offset, limit }: AxisSize): { from: number; to: number } {
  const from = Math.min(offset, details);
  return { from, to: limit === undefined ? details : Math.min(details, from + limit) };
}

/**
 * The details of each axis that are shown so that the cells stay within `maxCells`. Totals are never cut: where they alone are too
 * many, AppError `limit.cells`.
 */
export function fitWindows(
  rows: AxisSize,
  columns: AxisSize,
  measures: number,
  maxCells: number,
): { rows: Window; columns: Window } {
  const budget = Math.floor(maxCells / measures);
  const row = wanted(rows);
  const column = wanted(columns);
  const rowCount = row.to - row.from;
  const columnCount = column.to - column.from;
  const besideKept = Math.floor(budget / Math.max(1, rows.totals + Math.min(rowCount, KEEP)));
  const columnsFit = Math.min(columnCount, Math.max(1, besideKept - columns.totals));
  const rowsFit = Math.min(
    rowCount,
    Math.floor(budget / Math.max(1, columns.totals + columnsFit)) - rows.totals,
  );
  if (rowsFit < Math.min(rowCount, 1)) {
    const least =
      (rows.totals + Math.min(rowCount, 1)) * (columns.totals + Math.min(columnCount, 1)) * measures;
    throw new AppError(
      'limit.cells',
      `The totals alone need more than the ${maxCells} cells allowed (at least ${least}); ask for fewer dimensions, levels of totals or measures`,
      {
        params: { limit: 'PIVOT_MAX_CELLS', maxCells },
      },
    );
  }
  return {
    rows: { from: row.from, to: row.from + rowsFit, cut: rowsFit < rowCount },
    columns: { from: column.from, to: column.from + columnsFit, cut: columnsFit < columnCount },
  };
}
