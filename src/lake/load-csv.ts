import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { LoadOptions } from '../domain/upload.ts';
import { linesOfRows, type Misfit, rejectedRows } from './csv/rejected-rows.ts';
import { remediesFor } from './csv/remedies.ts';
import { findDialect } from './csv-dialect.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { Loaded, Parts } from './jobs.ts';
import { POINT } from './number-format.ts';
import { firstMisfit, nearMissWarning, planColumns } from './plan-columns.ts';
import { rows } from './raw-table.ts';
import { type CsvFile, openPlain, openRewritten, rawColumns } from './read-csv.ts';
import * as rejects from './rejects.ts';
import { trimOnce } from './trim-once.ts';
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

/**
 * Loads a CSV file in UTF-8. Rows that cannot be split, or do not fit a given type, are refused or kept aside. DuckDB reads a file as it
 * is where nothing in it is in doubt, else a copy that our own parser writes; either way it must give as many rows as a scan counted.
 */
export async function loadCsv(
  path: string,
  tabs: boolean,
  parts: Parts,
  context: LoadContext,
): Promise<Result> {
  const { options, maxColumns, signal } = context;
  const dialect = await findDialect(path, options, tabs, signal);
  const columns = rawColumns(dialect.names, options, maxColumns);
  const plain = await openPlain(path, dialect, columns, options, signal);
  let result = plain && (await loadPlain(plain, parts, context));
  if (!result) {
    const file = await openRewritten(path, context.scratch(), dialect, columns, options, signal);
    result = await load(file, parts, context);
  }
  return { ...result, warnings: [...dialect.warnings, ...result.warnings] };
}

/** Undefined where DuckDB leaves records out or sees other ones than the scan. */
async function loadPlain(file: CsvFile, parts: Parts, context: LoadContext): Promise<Result | undefined> {
  try {
    return await load(file, parts, context);
  } catch (error) {
    if (error instanceof Miscounted) return undefined;
    if (!(error instanceof AppError) && /CSV|invalid state|new ?line/i.test(String(error))) return undefined;
    throw error;
  }
}

/** Rows that were read are not those that the file has. */
class Miscounted extends AppError {
  constructor(read: number, expected: number) {
    super('dataset.badFile', `${read} rows were read of a file that has ${expected}; nothing was loaded`, {
      pointer: '/file',
      params: { read, expected },
    });
  }
}

async function load(file: CsvFile, parts: Parts, context: LoadContext): Promise<Result> {
  const { connection, options, signal } = context;
  const { path, form, table } = file;
  const keep = options.badRows === 'keepAside';
  if (file.rejected > 0 && !keep && options.types === undefined) throw await refusal(file, [], context);
  await connection.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
  // Where commas part the fields, they are hardly ever decimal marks.
  const usual = form.syntax.delimiter === ',' ? POINT : undefined;
  const plans = await planColumns(connection, table, options, usual);
  const once = trimOnce(table, plans);
  const written = await writeParquet(connection, once.plans, once.wrap(file.withRejects), parts.target);
  const unfit = await countMisfits(file, plans, connection);
  const [[left] = []] = await rows(connection, 'SELECT count(*) FROM reject_errors');
  if (Number(left) > 0 || written.rowCount + unfit !== file.rows)
    throw new Miscounted(written.rowCount + unfit, file.rows);
  const result = {
    ...written,
    columns: plans.map(({ column }) => column),
    warnings: [...file.warnings, ...(await warningsOf(file, plans, written.rowCount, context))],
    rejected: { count: 0 },
  };
  const count = file.rejected + unfit;
  if (count === 0) return result;
  const limit = keep ? unfit : Math.min(unfit, rejects.SHOWN);
  const misfits = limit > 0 ? await findMisfits(file, plans, limit, connection) : [];
  if (!keep) throw await refusal(file, misfits, context, unfit);
  const aside = rejectedRows(path, form, table.columns, misfits, signal);
  const rejected = await rejects.keepRejects(parts.rejected, aside);
  if (rejected.count !== count)
    throw new Miscounted(written.rowCount + rejected.count, file.rows + file.rejected);
  return { ...result, rejected };
}

async function refusal(
  { path, form, table, rows: read, rejected, rejectedAtEnd }: CsvFile,
  misfits: readonly Misfit[],
  { signal }: LoadContext,
  unfit = 0,
): Promise<AppError> {
  const first: rejects.Reject[] = [];
  for await (const reject of rejectedRows(path, form, table.columns, misfits, signal)) {
    first.push(reject);
    if (first.length === rejects.SHOWN) break;
  }
  return rejects.refusal(rejected + unfit, first, remediesFor(first, rejected, read > 0 ? rejectedAtEnd : 0));
}

const forcedMisfits = (plans: readonly ColumnPlan[]) =>
  plans.filter(({ misfit, missed }) => misfit && !missed);

async function countMisfits(
  { table }: CsvFile,
  plans: readonly ColumnPlan[],
  connection: DuckDBConnection,
): Promise<number> {
  const tests = forcedMisfits(plans).map(({ misfit }) => `coalesce(${misfit}, false)`);
  if (tests.length === 0) return 0;
  const [row] = await rows(connection, `SELECT count(*) FROM ${table.from} WHERE ${tests.join(' OR ')}`);
  return Number(row?.[0]);
}

/** The rows whose values do not fit a type that the caller gave. */
async function findMisfits(
  { table }: CsvFile,
  plans: readonly ColumnPlan[],
  limit: number,
  connection: DuckDBConnection,
): Promise<Misfit[]> {
  const forced = forcedMisfits(plans);
  const sources = table.columns.map(({ source }) => source).join(', ');
  const which = forced.map(({ misfit }, index) => `WHEN ${misfit} THEN ${index}`).join(' ');
  const found = await rows(
    connection,
    `SELECT ordinal, which FROM (SELECT ordinal, CASE ${which} END AS which FROM (SELECT row_number() OVER () AS ordinal, ${sources} FROM ${table.from}))
     WHERE which IS NOT NULL ORDER BY ordinal LIMIT ${limit}`,
  );
  return found.map(([ordinal, index]) => {
    const { name, type } = forced[Number(index)]!.column;
    return { ordinal: Number(ordinal), column: name, message: `is not of type ${type}` };
  });
}

async function warningsOf(
  { path, form, table }: CsvFile,
  plans: readonly ColumnPlan[],
  rowCount: number,
  { connection, signal }: LoadContext,
): Promise<string[]> {
  const misses = new Map<ColumnPlan, { ordinal: number; text: string }>();
  for (const [index, plan] of plans.entries()) {
    if (!plan.missed || !plan.misfit) continue;
    const found = await firstMisfit(connection, table.from, table.columns[index]!.source, plan.misfit);
    if (found) misses.set(plan, found);
  }
  const ordinals = [...misses.values()].map(({ ordinal }) => ordinal);
  const lines = await linesOfRows(path, form, ordinals, signal);
  return plans.flatMap((plan) => {
    const miss = misses.get(plan);
    if (!miss) return plan.warnings;
    return [...plan.warnings, nearMissWarning(plan, rowCount, lines.get(miss.ordinal), miss.text)];
  });
}
