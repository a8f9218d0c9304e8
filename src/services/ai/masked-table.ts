import type { ColumnOrigins } from './column-origins.ts';
import { type QueryResult, type ResultTable, tableOf } from './result-text.ts';
import type { AiTaskContext, AiTasks } from './tasks.ts';

/** The first rows of an answer as they may leave: values and the headers of a pivot by the masking rules, whatever the columns are called in the answer. */
export function maskedTable(
  tasks: AiTasks,
  answer: QueryResult,
  origins: ColumnOrigins,
  mostRows: number,
  context: AiTaskContext,
): ResultTable {
  const names = origins.ofQuery(answer.query);
  const { rowCount } = tableOf(answer);
  context.left.rows += Math.min(rowCount, mostRows);
  if (answer.kind === 'spec') {
    const rows = tasks.masked(names.rows, answer.result.rows.slice(0, mostRows), context);
    return { ...tableOf({ ...answer, result: { ...answer.result, rows } }), rowCount };
  }
  const { rows, columns, cells } = answer.result;
  const shown = rows.members.slice(0, mostRows);
  const behind = columns.members.flatMap(() => names.measures);
  const result = {
    ...answer.result,
    rows: { ...rows, members: tasks.masked(names.rows, shown, context) },
    columns: { ...columns, members: tasks.masked(names.columns, columns.members, context) },
    cells: tasks.masked(behind, cells.slice(0, mostRows), context),
  };
  return { ...tableOf({ ...answer, result }), rowCount };
}
