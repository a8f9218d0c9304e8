import type { Database as Sqlite } from 'bun:sqlite';
import { AppError } from '../../base/errors.ts';

const SHOWN = 3;

/**
 * Throws AppError `storage.unusable` where a file holds tables and is no metadata of ours: a predecessor's may have the same name, and must
 * stay as it is.
 */
export function refuseForeign(sqlite: Sqlite, path: string): void {
  const tables = sqlite
    .query<{ name: string }, []>("select name from sqlite_schema where type = 'table' order by name")
    .all()
    .map(({ name }) => name);
  if (tables.length === 0 || tables.includes('migrations')) return;
  const shown = [...tables.slice(0, SHOWN), ...(tables.length > SHOWN ? ['…'] : [])].join(', ');
  throw new AppError(
    'storage.unusable',
    `${path} holds tables of another program (${shown}); name another file: "reporting-api import sqlite" brings tables of this one in`,
  );
}
