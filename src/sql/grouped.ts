import type { CompiledMeasure } from './aggregate.ts';
import { join, raw, type Sql, sql } from './ast.ts';
import type { Dialect } from './dialect.ts';
import type { CompiledDimension } from './dimension.ts';

/** Names inside of the statement are ours, so that no name of a caller's can clash with another. */
export const groupKey = (index: number) => raw(`d${index}`);
export const measureInput = (index: number) => raw(`x${index}`);
export const measureValue = (index: number) => raw(`m${index}`);

const as = (value: Sql, name: Sql) => sql`${value} AS ${name}`;
const list = (fragments: readonly Sql[]) => join(fragments, ', ');

/**
 * One row for each group of the dimensions with the measures as the engine aggregates them, of every kind and right at these keys: columns
 * `d0`, `d1`, … (canonical) and `m0`, `m1`, …. Without dimensions one row, also over no rows.
 */
export function groupRows(
  dimensions: readonly Pick<CompiledDimension, 'sql'>[],
  measures: readonly Pick<CompiledMeasure, 'agg' | 'input' | 'direct'>[],
  source: Sql,
  where: Sql | undefined,
  dialect: Dialect,
): Sql {
  const keys = dimensions.map((_, index) => groupKey(index));
  const inputs = measures.flatMap(({ input }, index) => (input ? [as(input, measureInput(index))] : []));
  const taken = [...dimensions.map(({ sql }, index) => as(sql, groupKey(index))), ...inputs];
  const rows = sql`SELECT ${taken.length > 0 ? list(taken) : raw('1 AS x')} FROM ${source}${where ? sql` WHERE ${where}` : raw('')}`;
  const values = measures.map((measure, index) =>
    as(measure.direct(measureInput(index)), measureValue(index)),
  );
  const grouping = keys.length > 0 ? sql`\nGROUP BY ${list(keys)}` : raw('');
  const ranked = withMiddles(rows, keys, measures, dialect);
  return sql`SELECT ${list([...keys, ...values])}\nFROM (${ranked}) AS r${grouping}`;
}

/** The rows, in which the input of a median is left but for the middle values of its group; unchanged where the median is an aggregate. */
function withMiddles(
  rows: Sql,
  keys: readonly Sql[],
  measures: readonly Pick<CompiledMeasure, 'agg' | 'input'>[],
  { middleOf }: Dialect,
): Sql {
  if (!middleOf || !measures.some(({ agg }) => agg === 'median')) return rows;
  const members = keys.map((key) => sql`v.${key}`);
  const inputs = measures.flatMap(({ agg, input }, index) => {
    if (!input) return [];
    const column = measureInput(index);
    return [agg === 'median' ? as(middleOf(sql`v.${column}`, members), column) : column];
  });
  return sql`SELECT ${list([...keys, ...inputs])} FROM (${rows}) AS v`;
}
