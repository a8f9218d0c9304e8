import { trimmed } from './count-values.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { RawTable } from './raw-table.ts';
import { identifier } from './sql-text.ts';

const FROM_COLUMNS = 100;
const TO_ROWS = 1000;

/**
 * Of wide tables with few rows, trims all cells in one expression: DuckDB takes most of a millisecond to plan a trim, whatever it is used
 * on. Gives the plans over the trimmed texts, and what wraps the table to have them.
 */
export function trimOnce(
  { columns, rows }: RawTable,
  plans: readonly ColumnPlan[],
): { plans: readonly ColumnPlan[]; wrap: (from: string) => string } {
  if (columns.length < FROM_COLUMNS || rows === undefined || rows > TO_ROWS)
    return { plans, wrap: (from) => from };
  const sources = columns.map(({ source }) => identifier(source));
  const named = sources.map((_, at) => `trimmed[${at + 1}] AS ${textOf(at)}`);
  const useText = (sql: string, at: number) => sql.replaceAll(trimmed(columns[at]!.source), textOf(at));
  return {
    plans: plans.map((plan, at) => ({
      ...plan,
      sql: useText(plan.sql, at),
      misfit: plan.misfit === undefined ? undefined : useText(plan.misfit, at),
    })),
    wrap: (from) =>
      `(SELECT ${[...sources, ...named].join(', ')} FROM (SELECT ${sources.join(', ')},
         list_transform([${sources.join(', ')}], lambda cell: ${trimmed('cell')}) AS trimmed FROM ${from}))`,
  };
}

const textOf = (at: number) => `"text ${at}"`;
