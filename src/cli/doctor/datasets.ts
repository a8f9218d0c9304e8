import { Database, SQLiteError } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { foldersOf, namesIn } from '../../lake/folders.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';
import { isOurs } from './metadata.ts';

const NAME = 'datasets';
const SHOWN = 3;

const shown = (names: readonly string[]) =>
  [...names.slice(0, SHOWN), ...(names.length > SHOWN ? ['…'] : [])].join(', ');

/** Ids of the datasets that the metadata knows; undefined where it cannot be read here. */
function knownDatasets({ METADATA_DB_PATH: path }: CheckedConfig): Set<string> | undefined {
  if (isMetadataUrl(path)) return undefined;
  if (!existsSync(path)) return new Set();
  if (!isOurs(path)) return undefined;
  try {
    using sqlite = new Database(path, { readwrite: true, create: false });
    const table = sqlite.query("select 1 from sqlite_schema where name = 'datasets'").get();
    const rows = table ? sqlite.query<{ id: string }, []>('select id from datasets').all() : [];
    return new Set(rows.map(({ id }) => id));
  } catch (error) {
    // The check of the metadata says what is wrong with the file.
    if (error instanceof SQLiteError) return undefined;
    throw error;
  }
}

/** The service removes files that its metadata does not know. */
function unknownFolders(folder: string, names: readonly string[], known: Set<string>): Finding[] {
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0 || unknown.length < names.length) return [];
  return [
    finding(
      NAME,
      'fail',
      `${folder} holds ${unknown.length} datasets, and the metadata knows none of them (${shown(unknown)})`,
      'if they are of another installation, set DUCKDB_PATH or METADATA_DB_PATH right: the service would remove them',
    ),
  ];
}

async function foreignOwners(folder: string, names: readonly string[]): Promise<Finding[]> {
  const user = process.getuid?.();
  const owners = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).uid));
  const foreign = names.filter((_, i) => owners[i] !== user);
  if (foreign.length === 0) return [];
  return [
    finding(
      NAME,
      'fail',
      `${foreign.length} of ${folder} belong to another user than this runs as (${user}): ${shown(foreign)}`,
      `chown -R them to the user of the service, and run doctor as that user`,
    ),
  ];
}

export const datasetsCheck: Check = {
  name: NAME,
  async run(config) {
    const { datasets } = foldersOf(config.DUCKDB_PATH);
    const names = (await namesIn(datasets)).sort();
    const known = knownDatasets(config);
    const findings = [
      ...(known ? unknownFolders(resolve(datasets), names, known) : []),
      ...(await foreignOwners(resolve(datasets), names)),
    ];
    return findings.length > 0 ? findings : [finding(NAME, 'ok', `${names.length} datasets are ours`)];
  },
};
