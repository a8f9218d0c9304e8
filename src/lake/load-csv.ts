import type { DuckDBConnection } from '@duckdb/node-api';
import type { LoadOptions } from '../domain/upload.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { Loaded, Parts } from './jobs.ts';
import { placesOf } from './locate-records.ts';
import { POINT } from './number-format.ts';
import { firstMisfit, nearMissWarning, planColumns } from './plan-columns.ts';
import { rows } from './raw-table.ts';
import { type CsvFile, openCsv, unifyLineEnds } from './read-csv.ts';
import * as rejects from './rejects.ts';
import { writeParquet } from './write-parquet.ts';

export interface LoadContext {
  connection: DuckDBConnection;
  options: LoadOptions;
  maxColumns: number;
  maxValueBytes: number;
  signal: AbortSignal;
  /** Gives a path for a file that is removed when the load ends. */
  scratch(): string;
}

type Result = Omit<Loaded, 'format'>;

/** Loads a CSV file in UTF-8. Rows that cannot be split, or do not fit a given type, are refused or kept aside. */
export async function loadCsv(
  path: string,
  tabs: boolean,
  parts: Parts,
  context: LoadContext,
): Promise<Result> {
  const { options, maxColumns, signal } = context;
  const file = await openCsv(path, options, tabs, maxColumns);
  try {
    return await load(file, parts, context);
  } catch (error) {
    if (!/invalid state|not support.*new ?line/i.test(String(error))) throw error;
    const unified = context.scratch();
    await unifyLineEnds(path, unified, file.dialect.quote, signal);
    const result = await load(await openCsv(unified, options, tabs, maxColumns), parts, context);
    return {
      ...result,
      warnings: [...result.warnings, 'the file mixes kinds of line ends; all were read as one'],
    };
  }
}

async function load(file: CsvFile, parts: Parts, context: LoadContext): Promise<Result> {
  const { connection, options, signal } = context;
  await connection.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
  // Where commas part the fields, they are hardly ever decimal marks.
  const usual = file.dialect.delimiter === ',' ? POINT : undefined;
  const plans = await planColumns(connection, file.table, options, usual);
  const written = await writeParquet(connection, plans, file.withRejects, parts.target);
  const offsets = await rejects.rejectedOffsets(connection);
  const misfits = await countMisfits(file, plans, connection);
  const count = offsets.length + misfits;
  const result = {
    ...written,
    columns: plans.map(({ column }) => column),
    warnings: await warningsOf(file, plans, offsets, written.rowCount, context),
    rejected: { count: 0 },
  };
  if (count === 0) return result;
  const keep = options.badRows === 'keepAside';
  const broken = rejects.structuralRejects(connection, file, offsets, signal);
  const limit = keep ? misfits : Math.min(misfits, rejects.SHOWN);
  const unfit = limit > 0 ? await rejects.misfitRejects(connection, file, plans, offsets, limit, signal) : [];
  const all = rejects.inFileOrder(broken, unfit);
  if (!keep) throw await rejects.refusal(count, all);
  return { ...result, rejected: await rejects.keepRejects(parts.rejected, all) };
}

async function countMisfits(
  file: CsvFile,
  plans: readonly ColumnPlan[],
  connection: DuckDBConnection,
): Promise<number> {
  const tests = plans.flatMap(({ misfit, missed }) =>
    misfit && !missed ? [`coalesce(${misfit}, false)`] : [],
  );
  if (tests.length === 0) return 0;
  const [row] = await rows(connection, `SELECT count(*) FROM ${file.table.from} WHERE ${tests.join(' OR ')}`);
  return Number(row?.[0]);
}

async function warningsOf(
  file: CsvFile,
  plans: readonly ColumnPlan[],
  offsets: readonly number[],
  rowCount: number,
  { connection, signal }: LoadContext,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const [index, plan] of plans.entries()) {
    warnings.push(...plan.warnings);
    if (!plan.missed || !plan.misfit) continue;
    const found = await firstMisfit(
      connection,
      file.table.from,
      file.table.columns[index]!.source,
      plan.misfit,
    );
    if (!found) continue;
    const [place] = await placesOf(file.path, [found.ordinal], rejects.recordRules(file, offsets), signal);
    warnings.push(nearMissWarning(plan, rowCount, place?.line, found.text));
  }
  return warnings;
}
