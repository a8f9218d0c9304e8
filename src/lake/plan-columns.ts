import type { DuckDBConnection } from '@duckdb/node-api';
import type { LoadOptions } from '../domain/upload.ts';
import { countValues, trimmed, type ValueCounts } from './count-values.ts';
import { type ColumnPlan, TypeDecision } from './decide-types.ts';
import { forceDates, givenFormats } from './file-formats.ts';
import { findCandidates } from './find-candidates.ts';
import type { NumberStyle } from './number-format.ts';
import { type RawColumn, type RawTable, rows } from './raw-table.ts';
import type { ValueFormat } from './value-format.ts';
import { columnWarning } from './warning.ts';

/** The type of every column, decided on all rows. */
export async function planColumns(
  connection: DuckDBConnection,
  table: RawTable,
  options: LoadOptions,
  usual?: NumberStyle,
): Promise<ColumnPlan[]> {
  const given = givenFormats(options);
  const columns = forceDates(table.columns, options.dateFormats);
  const formatted = { from: table.from, columns };
  const candidates = await findCandidates(connection, formatted, given);
  const counts = await countValues(connection, formatted, candidates, given.numbers);
  const plans = new TypeDecision(columns, candidates, counts, given, usual).plans();
  if (given.date && !isUsed(given.date, columns, counts))
    plans[0]?.warnings.push(
      `dates.formatUnused: no column has dates as dateFormat ${JSON.stringify(given.date.id)} writes them. Check it, or leave it out`,
    );
  return plans;
}

const isUsed = ({ id, type }: ValueFormat, columns: readonly RawColumn[], counts: readonly ValueCounts[]) =>
  counts.some(
    ({ fits, values }, index) =>
      values > 0 && (fits.get(id) === values || (columns[index]!.forced === type && (fits.get(id) ?? 0) > 0)),
  );

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
  return columnWarning(
    'types.nearMiss',
    plan.column.name,
    `is text because ${plan.misfits} of ${rowCount.toLocaleString('en')} values ${verb} not ${kind}, e.g. ${where}${shown}`,
    'Mend them, name them in "nullValues", or give the type in "types" with badRows=keepAside',
  );
}
