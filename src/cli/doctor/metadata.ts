import { Database } from 'bun:sqlite';
import { existsSync, statSync } from 'node:fs';
import { MIGRATIONS } from '../../store/migrations/all.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { inspectPostgres } from '../../store/postgres/open.ts';
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

export const metadataCheck: Check = {
  name: 'metadata',
  async run({ METADATA_DB_PATH: path }) {
    if (isMetadataUrl(path)) return onServer(path);
    if (!existsSync(path)) return [finding('metadata', 'ok', `the first start makes ${path}`)];
    // Opening makes `-wal` and `-shm` files; made by another user they would lock the service out.
    if (statSync(path).uid !== process.getuid?.())
      return [
        finding('metadata', 'warn', `${path} belongs to another user`, 'run as the user of the service'),
      ];
    const sqlite = new Database(path, { readwrite: true, create: false });
    try {
      sqlite.run('PRAGMA busy_timeout = 5000');
      return [integrity(sqlite), migrations(appliedIn(sqlite))];
    } finally {
      sqlite.close();
    }
  },
};
