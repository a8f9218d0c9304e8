import { AppError } from '../base/errors.ts';
import type { Caller } from '../domain/audit.ts';
import type { ForeignFile, ForeignTable } from '../lake/foreign/foreign-file.ts';
import type { Datasets } from './datasets.ts';

export interface ImportOptions {
  /** Those to take, also in doubt; all that are not in doubt where none is named. */
  tables: readonly string[];
  /** Before each dataset's name. */
  prefix: string;
  /** Whether a dataset that is there gets a new generation. */
  replace: boolean;
  dryRun: boolean;
  /** Of the file, as datasets show it. */
  sourceName: string;
}

export interface ImportedTable {
  table: string;
  dataset: string;
  outcome: 'imported' | 'wouldImport' | 'exists' | 'skipped' | 'failed';
  rows: number;
  /** Why not. */
  reason?: string;
}

export interface Imported {
  tables: ImportedTable[];
  /** What the file has beside tables, such as `view monthly`; never taken. */
  left: string[];
}

const reasonOf = (error: unknown) => (error instanceof AppError ? error.message : String(error));

function chosen(all: readonly ForeignTable[], names: readonly string[]): ForeignTable[] {
  if (names.length === 0) return [...all];
  return names.map((name) => {
    const found = all.find((table) => table.name === name);
    if (found) return found;
    throw new AppError('request.invalid', `The file has no table ${JSON.stringify(name)}`, {
      params: { tables: all.map((table) => table.name).slice(0, 100) },
    });
  });
}

/**
 * Makes a dataset of each table, one after another, each published whole or not at all; one that fails does not stop the others. Run again after
 * an end in the middle, it goes on with what is not there. Throws `request.invalid` for a table that the file lacks.
 */
export async function importTables(
  file: ForeignFile,
  datasets: Datasets,
  options: ImportOptions,
  caller: Caller,
  signal: AbortSignal,
): Promise<Imported> {
  const { tables, prefix, replace, dryRun, sourceName } = options;
  const { tables: all, others: left } = await file.contents();
  const names = new Set((await datasets.sources()).map(({ name }) => name));
  const results: ImportedTable[] = [];

  async function take({ name, rowCount: rows, doubt }: ForeignTable): Promise<ImportedTable> {
    const row = { table: name, dataset: `${prefix}${name}`, rows };
    if (doubt !== undefined && tables.length === 0) return { ...row, outcome: 'skipped', reason: doubt };
    if (rows === 0) return { ...row, outcome: 'skipped', reason: 'it has no rows' };
    if (names.has(row.dataset) && !replace)
      return {
        ...row,
        outcome: 'exists',
        reason: 'there is a dataset of that name; --replace loads it anew',
      };
    if (dryRun) return { ...row, outcome: 'wouldImport' };
    try {
      const made = await datasets.upload(async (staging) => {
        await file.copy(name, staging.path);
        const upload = { name: row.dataset, replace, acceptFewerRows: true, format: file.format };
        return datasets.create({ staging, sourceName: `${sourceName}: ${name}` }, upload, caller, signal);
      });
      return { ...row, outcome: 'imported', rows: made.rowCount };
    } catch (error) {
      return { ...row, outcome: 'failed', reason: reasonOf(error) };
    }
  }

  for (const table of chosen(all, tables)) results.push(await take(table));
  return { tables: results, left };
}
