import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** What stands outside and exists; the probes try to reach it. */
export interface FenceTargets {
  /** An allowed folder of the instance. */
  folder: string;
  /** A file outside that this process may read. */
  outsideFile: string;
  /** A folder outside that this process may write. */
  outsideFolder: string;
}

interface Probe {
  name: string;
  sql: string;
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Each must be refused by the fence itself. */
function probes({ folder, outsideFile, outsideFolder }: FenceTargets): Probe[] {
  const file = literal(outsideFile);
  const climbing = literal(`${folder}/${'../'.repeat(folder.split('/').length)}${outsideFile.slice(1)}`);
  const target = literal(`${outsideFolder}/fence-probe`);
  const readers = [
    'read_csv',
    'read_text',
    'read_blob',
    'read_json',
    'read_ndjson',
    'read_parquet',
    'parquet_metadata',
  ];
  const settings = [
    'SET enable_external_access = true',
    'RESET enable_external_access',
    `SET GLOBAL allowed_directories = ['/']`,
    `SET GLOBAL allowed_paths = ['/']`,
    'SET lock_configuration = false',
    'SET autoinstall_known_extensions = true',
    'SET allow_community_extensions = true',
    `SET extension_directory = ${literal(outsideFolder)}`,
    `PRAGMA memory_limit = '64GB'`,
    'SET threads = 64',
  ];
  return [
    ...readers.map((reader) => ({ name: reader, sql: `SELECT * FROM ${reader}(${file})` })),
    { name: 'sniff_csv', sql: `SELECT * FROM sniff_csv(${file})` },
    { name: 'a path with ..', sql: `SELECT * FROM read_text(${climbing})` },
    { name: 'a file URL', sql: `SELECT * FROM read_text(${literal(`file://${outsideFile}`)})` },
    { name: 'glob', sql: `SELECT * FROM glob('/*')` },
    { name: 'a file as a table', sql: `SELECT * FROM ${literal(`${outsideFile}.csv`)}` },
    { name: 'http', sql: `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')` },
    { name: 's3', sql: `SELECT * FROM read_parquet('s3://bucket/x.parquet')` },
    { name: 'ATTACH', sql: `ATTACH ${target}` },
    { name: 'COPY TO', sql: `COPY (SELECT 1) TO ${target}` },
    { name: 'EXPORT DATABASE', sql: `EXPORT DATABASE ${target}` },
    { name: 'IMPORT DATABASE', sql: `IMPORT DATABASE ${literal(outsideFolder)}` },
    { name: 'INSTALL', sql: 'INSTALL httpfs' },
    { name: 'LOAD', sql: 'LOAD httpfs' },
    { name: 'LOAD of a file', sql: `LOAD ${file}` },
    ...settings.map((sql) => ({ name: sql, sql })),
  ];
}

/** How DuckDB words a refusal by configuration; any other failure proves nothing. */
const REFUSAL = /^Permission Error|configuration has been locked|disabled (?:by|through) configuration/;

async function tryOne(connection: DuckDBConnection, { name, sql }: Probe): Promise<string | undefined> {
  try {
    await connection.run(sql);
    return `${name}: was not refused`;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return REFUSAL.test(text) ? undefined : `${name}: failed for another reason (${text.split('\n', 1)[0]})`;
  }
}

/** Tries to break out of an instance of `openFenced`; gives a line for each way that was not refused by the fence. */
export async function attestFence(instance: DuckDBInstance, targets: FenceTargets): Promise<string[]> {
  const connection = await instance.connect();
  try {
    const failures: string[] = [];
    for (const probe of probes(targets)) {
      const failure = await tryOne(connection, probe);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  } finally {
    connection.closeSync();
  }
}
