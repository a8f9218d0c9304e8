import { copyFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { AppError, describe } from '../base/errors.ts';
import { hasCode } from '../base/system-error.ts';
import { temporaryName } from './folders.ts';
import type { Views, ViewsShown } from './jobs.ts';
import { syncPath } from './read-chunks.ts';
import { identifier, list, literal } from './sql-text.ts';

/** A view as it is to be; `mark` tells it from one of the same name over other files. */
interface Wanted {
  name: string;
  files: readonly string[];
  mark: string;
}

interface Changes {
  /** Names of views that go, or go before they are made anew. */
  gone: readonly string[];
  made: readonly Wanted[];
}

type LeftOut = ViewsShown['leftOut'][number];

/** Views of one transaction: each costs a sync of the disk. */
const AT_ONCE = 200;

const SETTINGS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  threads: '1',
  memory_limit: '256MB',
};

/**
 * Sees to it that the views of a DuckDB file are the current generations, for the `duckdb` shell and other tools. Only what changed is
 * made anew, in a copy, which then takes the file's place. A dataset whose name differs from another's in case only gets a number, for DuckDB's
 * names know no case. One whose files cannot be read has no view. Throws AppError `storage.unusable`, and leaves the file as it is, where it holds
 * tables or cannot be looked into.
 */
export async function writeViews(viewsFile: string, { views, asOfMs }: Views): Promise<ViewsShown> {
  const shown = await readShown(viewsFile);
  const changes = difference(nameViews(views), shown ?? new Map());
  if (shown && changes.gone.length === 0 && changes.made.length === 0) {
    await utimes(viewsFile, asOfMs / 1000, asOfMs / 1000);
    return { isWritten: false, changed: 0, leftOut: [] };
  }
  const temporary = join(dirname(viewsFile), temporaryName());
  try {
    if (shown) await copyFile(viewsFile, temporary);
    const leftOut = await change(temporary, changes);
    await syncPath(temporary);
    // The next start tells by it whether anything was published since.
    await utimes(temporary, asOfMs / 1000, asOfMs / 1000);
    await rename(temporary, viewsFile);
    // Of a shell that wrote to the file before and died.
    await rm(`${viewsFile}.wal`, { force: true });
    await syncPath(dirname(viewsFile));
    return { isWritten: true, changed: changes.made.length - leftOut.length, leftOut };
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.wal`, { force: true });
  }
}

function nameViews(views: Views['views']): Wanted[] {
  const used = new Set<string>();
  return views.map(({ name, files }) => {
    let free = name;
    for (let n = 2; used.has(free.toLowerCase()); n++) free = `${name}_${n}`;
    used.add(free.toLowerCase());
    const mark = new Bun.CryptoHasher('sha256').update(files.join('\n')).digest('hex');
    return { name: free, files, mark };
  });
}

/** The views of the file with their marks; undefined where there is no file, or an empty one. */
async function readShown(viewsFile: string): Promise<Map<string, string | null> | undefined> {
  if (!(await isThere(viewsFile))) return undefined;
  const { tables, rows } = await open(viewsFile, { access_mode: 'READ_ONLY' }, look).catch((error) => {
    throw /conflicting lock/i.test(describe(error))
      ? lockedByOther(error)
      : foreign('cannot be looked into', error);
  });
  if (tables > 0) throw foreign('holds tables');
  return new Map(rows);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

const foreign = (why: string, cause?: unknown) =>
  new AppError(
    'storage.unusable',
    `The file at DUCKDB_PATH ${why}, so it is left as it is and shows no datasets; move it away`,
    { cause },
  );

/** Such as the `duckdb` shell without `-readonly`. */
const lockedByOther = (cause: unknown) =>
  new AppError(
    'storage.unusable',
    'The file at DUCKDB_PATH is open for writing in another program, and shows what was published before until that closes it',
    { cause },
  );

/** Does the work in a DuckDB file. */
async function open<T>(
  path: string,
  more: Record<string, string>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(path, { ...SETTINGS, ...more });
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function look(connection: DuckDBConnection) {
  const tables = await connection.runAndReadAll('SELECT 1 FROM duckdb_tables() LIMIT 1');
  const views = await connection.runAndReadAll(
    'SELECT view_name, comment FROM duckdb_views() WHERE NOT internal',
  );
  return { tables: tables.currentRowCount, rows: views.getRows() as [string, string | null][] };
}

function difference(wanted: readonly Wanted[], shown: ReadonlyMap<string, string | null>): Changes {
  const made = wanted.filter(({ name, mark }) => shown.get(name) !== mark);
  const kept = new Set(wanted.filter(({ name, mark }) => shown.get(name) === mark).map(({ name }) => name));
  return { gone: [...shown.keys()].filter((name) => !kept.has(name)), made };
}

/** Gives what could not be made. */
async function change(path: string, { gone, made }: Changes): Promise<ViewsShown['leftOut']> {
  return open(path, {}, async (connection) => {
    const leftOut: LeftOut[] = [];
    const drops = gone.map((name) => `DROP VIEW IF EXISTS ${identifier(name)};`);
    await together(connection, drops);
    for (let at = 0; at < made.length; at += AT_ONCE) {
      const some = made.slice(at, at + AT_ONCE);
      try {
        await together(connection, some.map(create));
      } catch (error) {
        const unreadable = await unreadableOf(connection, some);
        if (unreadable.length === 0) throw error;
        leftOut.push(...unreadable);
        const names = new Set(unreadable.map(({ name }) => name));
        await together(connection, some.filter(({ name }) => !names.has(name)).map(create));
      }
    }
    await connection.run('CHECKPOINT');
    return leftOut;
  });
}

const source = ({ files }: Wanted) => `read_parquet(${list(files)}, union_by_name = true)`;

const create = (view: Wanted) =>
  `CREATE OR REPLACE VIEW ${identifier(view.name)} AS SELECT * FROM ${source(view)};
   COMMENT ON VIEW ${identifier(view.name)} IS ${literal(view.mark)};`;

/** In one transaction, which a statement that fails ends: DuckDB makes a view only where it can read the files. */
async function together(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  await connection.run('BEGIN');
  try {
    await connection.run(statements.join('\n'));
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
  await connection.run('COMMIT');
}

async function unreadableOf(connection: DuckDBConnection, some: readonly Wanted[]): Promise<LeftOut[]> {
  const unreadable: LeftOut[] = [];
  for (const view of some)
    await connection.run(`SELECT * FROM ${source(view)} LIMIT 0`).catch((error) => {
      unreadable.push({ name: view.name, cause: describe(error) });
    });
  return unreadable;
}
