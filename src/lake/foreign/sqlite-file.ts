import { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import { doubtOf, type ForeignContents, type ForeignFile } from './foreign-file.ts';

const BATCH_BYTES = 1 << 20;

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

const badFile = (path: string, cause: unknown) =>
  new AppError(
    'dataset.badFile',
    `${path} cannot be read as a SQLite file: ${(cause as Error).message ?? String(cause)}`,
    { cause },
  );

/** A value as JSON text. Binary values become Base64; what is true or false only by its column's declared type does so too. */
function jsonOf(value: unknown, isBoolean: boolean): string {
  if (typeof value === 'bigint')
    return isBoolean && (value === 0n || value === 1n) ? String(value === 1n) : String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value);
}

/** Opens a SQLite file, for reading alone. Throws AppError `dataset.badFile`. */
export function openSqliteFile(path: string): ForeignFile {
  if (!existsSync(path)) throw new AppError('dataset.badFile', `There is no file ${path}`);
  let db: Database;
  try {
    db = new Database(path, { readonly: true, safeIntegers: true });
    db.run('PRAGMA trusted_schema = OFF');
    db.query('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    throw badFile(path, error);
  }
  // table_info leaves generated columns out; hidden ones are of virtual tables.
  const columnsOf = (table: string) =>
    db
      .query<{ name: string; type: string; hidden: bigint }, []>(`PRAGMA table_xinfo(${identifier(table)})`)
      .all()
      .filter(({ hidden }) => hidden !== 1n);

  function contents(): ForeignContents {
    const listed = db
      .query<{ name: string; type: string }, []>(
        `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
      )
      .all();
    const tables = listed.filter(({ type }) => type === 'table');
    const names = new Set(tables.map(({ name }) => name));
    if (['migrations', 'datasets', 'generations'].every((name) => names.has(name)))
      throw new AppError(
        'dataset.badFile',
        `${path} is the metadata of this service; put it in place by reporting-api restore`,
      );
    return {
      tables: tables.map(({ name }) => {
        const doubt = doubtOf(columnsOf(name).map((column) => column.name));
        const count = db.query<{ n: bigint }, []>(`SELECT count(*) AS n FROM ${identifier(name)}`).get()!.n;
        return { name, rowCount: Number(count), ...(doubt === undefined ? {} : { doubt }) };
      }),
      others: listed.filter(({ type }) => type !== 'table').map(({ name, type }) => `${type} ${name}`),
    };
  }

  return {
    format: 'ndjson',
    async contents() {
      try {
        return contents();
      } catch (error) {
        throw error instanceof AppError ? error : badFile(path, error);
      }
    },
    async copy(table, target) {
      const columns = columnsOf(table);
      const keys = columns.map(({ name }) => JSON.stringify(name));
      const areBoolean = columns.map(({ type }) => /^bool/i.test(type));
      const file = await open(target, 'w');
      try {
        let text = '';
        const names = columns.map(({ name }) => identifier(name)).join(', ');
        const statement = db.query(`SELECT ${names} FROM ${identifier(table)}`);
        for (const row of statement.iterate() as Iterable<Record<string, unknown>>) {
          const values = columns.map(({ name }, i) => `${keys[i]}:${jsonOf(row[name], areBoolean[i]!)}`);
          text += `{${values.join(',')}}\n`;
          if (text.length < BATCH_BYTES) continue;
          await file.writeFile(text);
          text = '';
        }
        await file.writeFile(text);
      } catch (error) {
        throw badFile(path, error);
      } finally {
        await file.close();
      }
    },
    close: async () => db.close(),
  };
}
