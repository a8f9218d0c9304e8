import type { DuckDBConnection } from '@duckdb/node-api';
import type { LoadOptions } from '../domain/upload.ts';
import { countValues, trimmed } from './count-values.ts';
import { type ColumnPlan, TypeDecision } from './decide-types.ts';
import { findCandidates } from './find-candidates.ts';
import { COMMA, type NumberStyle, POINT } from './number-format.ts';
import { type RawTable, rows } from './raw-table.ts';

/** The style that the caller gives; undefined to find it out. */
function givenStyle({ decimal, thousands }: LoadOptions): NumberStyle | undefined {
  if (decimal === undefined && thousands === undefined) return undefined;
  const base = (decimal ?? (thousands === '.' ? ',' : '.')) === ',' ? COMMA : POINT;
  return { decimal: base.decimal, thousands: thousands ?? base.thousands };
}

/** The type of every column, decided on all rows. */
export async function planColumns(
  connection: DuckDBConnection,
  table: RawTable,
  options: LoadOptions,
  usual?: NumberStyle,
): Promise<ColumnPlan[]> {
  const candidates = await findCandidates(connection, table, options.dateFormat);
  const counts = await countValues(connection, table, candidates, givenStyle(options));
  const decision = new TypeDecision(counts, usual);
  return table.columns.map((raw, index) => decision.plan(index, raw, candidates[index]!));
}

const NAMES: Record<string, string> = { decimal: 'numbers', boolean: 'true or false', uuid: 'UUIDs' };

/** A value that keeps a column from its type, and the ordinal of its row. */
export async function firstMisfit(
  connection: DuckDBConnection,
  from: string,
  source: string,
  misfit: string,
): Promise<{ ordinal: number; text: string } | undefined> {
  const [found] = await rows(
    connection,
    `SELECT ordinal, ${trimmed(source)} FROM (SELECT row_number() OVER () AS ordinal, ${source} FROM ${from}) WHERE ${misfit} LIMIT 1`,
  );
  return found && { ordinal: Number(found[0]), text: found[1] ?? '' };
}

export function nearMissWarning(
  plan: ColumnPlan,
  rowCount: number,
  line: number | undefined,
  text: string,
): string {
  const kind = NAMES[plan.missed ?? ''] ?? `${plan.missed}s`;
  const verb = plan.misfits === 1 ? 'is' : 'are';
  const where = line === undefined ? '' : `line ${line}: `;
  const shown = JSON.stringify(text.slice(0, 60).toWellFormed());
  return `column ${JSON.stringify(plan.column.name)} is text because ${plan.misfits} of ${rowCount.toLocaleString('en')} values ${verb} not ${kind}, e.g. ${where}${shown}`;
}
