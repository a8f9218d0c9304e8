import { Database as Sqlite } from 'bun:sqlite';
import { AppError } from '../../base/errors.ts';
import { originalName, rejectedName } from '../../domain/dataset.ts';
import type { Origin } from '../../domain/upload.ts';
import { MIGRATIONS } from '../migrations/all.ts';

/** What a metadata file holds, as far as a backup must know. */
export interface Examined {
  /** Migrations that it has. */
  applied: string[];
  /** Files of its generations, as `<dataset id>/<name>`; those of rejected rows and of uploads where there are any. */
  datasetFiles: string[];
}

const fault = (detail: string, cause?: unknown) => new AppError('backup.invalid', detail, { cause });

const hasTable = (sqlite: Sqlite, name: string) =>
  sqlite.query("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== null;

interface GenerationRow {
  dataset_id: string;
  generation: number;
  files: string;
  rejected: string;
  /** Not in metadata of older versions. */
  origin?: string | null;
}

export function datasetFilesIn(sqlite: Sqlite): string[] {
  if (!hasTable(sqlite, 'generations')) return [];
  const rows = sqlite
    .query<GenerationRow, []>('select * from generations order by dataset_id, generation')
    .all();
  return rows.flatMap(({ dataset_id, generation, files, rejected, origin }) => {
    const names = JSON.parse(files) as string[];
    const { count } = JSON.parse(rejected) as { count: number };
    if (count > 0) names.push(rejectedName(generation));
    if ((JSON.parse(origin ?? '{}') as Origin).original) names.push(originalName(generation));
    return names.map((name) => `${dataset_id}/${name}`);
  });
}

function examine(sqlite: Sqlite): Examined {
  const faults = sqlite.query<{ integrity_check: string }, []>('pragma integrity_check(5)').all();
  const said = faults.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  if (said.length > 0) throw fault(`It is damaged: ${said.join('; ')}`);
  if (sqlite.query('pragma foreign_key_check').all().length > 0)
    throw fault('It is damaged: rows refer to others that are not there');
  if (!hasTable(sqlite, 'migrations')) throw fault('It is a database, but not the metadata of this service');
  const rows = sqlite.query<{ name: string }, []>('select name from migrations order by name').all();
  const applied = rows.map(({ name }) => name);
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const newer = applied.filter((name) => !known.has(name));
  if (newer.length > 0)
    throw fault(
      `It was made by a newer version of this service (it has ${newer.join(', ')}); use that version`,
    );
  return { applied, datasetFiles: datasetFilesIn(sqlite) };
}

/** Opens a copy of the metadata and looks into all of it. Throws AppError `backup.invalid`, which says why it cannot be used. */
export function examineCopy(path: string): Examined {
  const sqlite = new Sqlite(path, { readwrite: true, create: false });
  try {
    return examine(sqlite);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (!/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) throw error;
    throw fault('It is damaged, or no database at all', error);
  } finally {
    sqlite.close();
  }
}
