import { Database } from 'bun:sqlite';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { AppError } from '../../base/errors.ts';
import { CLOSED, hasCode } from '../../base/system-error.ts';
import { MIGRATIONS } from '../../store/migrations/all.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { inspectPostgres } from '../../store/postgres/open.ts';
import { refuseForeign } from '../../store/sqlite/foreign.ts';
import { type Check, type Finding, finding } from './check.ts';

function integrity(sqlite: Database): Finding {
  const rows = sqlite.query<{ integrity_check: string }, []>('PRAGMA integrity_check(5)').all();
  const faults = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  if (faults.length === 0) return finding('metadata', 'ok', 'the metadata is whole');
  return finding('metadata', 'fail', `the metadata is damaged: ${faults.join('; ')}`, 'restore a backup');
}

function appliedIn(sqlite: Database): string[] {
  const table = sqlite.query(`SELECT 1 FROM sqlite_schema WHERE name = 'migrations'`).get();
  const rows = table ? sqlite.query<{ name: string }, []>('SELECT name FROM migrations').all() : [];
  return rows.map(({ name }) => name);
}

function migrations(names: readonly string[]): Finding {
  const applied = new Set(names);
  const known = MIGRATIONS.map(({ name }) => name);
  const newer = [...applied].filter((name) => !known.includes(name));
  if (newer.length > 0)
    return finding(
      'metadata',
      'fail',
      `written by a newer version (${newer.join(', ')})`,
      'start that version',
    );
  const pending = known.filter((name) => !applied.has(name));
  if (pending.length > 0)
    return finding('metadata', 'ok', `${pending.length} migrations are applied at the next start`);
  return finding('metadata', 'ok', `all ${known.length} migrations are applied`);
}

async function onServer(url: string): Promise<Finding[]> {
  const { server, applied } = await inspectPostgres(url);
  return [
    finding('metadata', 'ok', `PostgreSQL ${server.version} answers`),
    server.hasSchema ? migrations(applied) : finding('metadata', 'ok', 'the first start makes its schema'),
  ];
}

/** Of the file and those beside it, what this process may not read and write. */
function closedFiles(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file) && !isOpen(file));
}

function isOpen(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    if (hasCode(error, ...CLOSED)) return false;
    throw error;
  }
}

function inFile(path: string): Finding[] {
  try {
    using sqlite = new Database(path, { readwrite: true, create: false });
    sqlite.run('PRAGMA busy_timeout = 5000');
    refuseForeign(sqlite, path);
    return [integrity(sqlite), migrations(appliedIn(sqlite))];
  } catch (error) {
    const { message } = error as Error;
    const says = error instanceof AppError ? message : `${path} cannot be used: ${message}`;
    return [finding('metadata', 'fail', says, 'restore a backup, or set METADATA_DB_PATH right')];
  }
}

/** Whether the file is there and can be opened: by another user, or closed, opening it would lock the service out. */
export const isOurs = (path: string): boolean =>
  existsSync(path) && statSync(path).uid === process.getuid?.() && closedFiles(path).length === 0;

export const metadataCheck: Check = {
  name: 'metadata',
  async run({ METADATA_DB_PATH: path }) {
    if (isMetadataUrl(path)) return onServer(path);
    if (!existsSync(path)) return [finding('metadata', 'ok', `the first start makes ${path}`)];
    // Opening makes `-wal` and `-shm` files; made by another user, or with the mode of a closed file, they would lock the service out.
    if (statSync(path).uid !== process.getuid?.())
      return [
        finding('metadata', 'warn', `${path} belongs to another user`, 'run as the user of the service'),
      ];
    const [closed] = closedFiles(path);
    if (closed !== undefined)
      return [finding('metadata', 'fail', `${closed} cannot be read and written`, `chmod u+rw ${closed}`)];
    return inFile(path);
  },
};
