import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { type FenceOptions, openFenced } from '../../drivers/duckdb/instance.ts';
import { rows } from '../raw-table.ts';
import { identifier, literal } from '../sql-text.ts';
import { PARQUET } from '../write-parquet.ts';
import { doubtOf, type ForeignContents, type ForeignFile } from './foreign-file.ts';

interface Found {
  schema: string;
  table: string;
  columns: { name: string; type: string }[];
}

const badFile = (path: string, cause: unknown) => {
  const why = String((cause as Error).message ?? cause).split('\n')[0];
  const hint = /lock/i.test(why!) ? '; stop the program that has it open, or import a copy' : '';
  return new AppError('dataset.badFile', `${path} cannot be read as a DuckDB file: ${why}${hint}`, { cause });
};

/** A value as Parquet has it without loss: DuckDB would write its widest integers as floats, and knows types that Parquet does not. */
function exported({ name, type }: Found['columns'][number]): string {
  const value = identifier(name);
  if (/^U?HUGEINT$/.test(type)) return `cast(${value} AS DECIMAL(38,0)) AS ${value}`;
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|VARIANT)\b/.test(type)) return `to_json(${value}) AS ${value}`;
  if (/^(BIT|INTERVAL|ENUM|BIGNUM|VARINT|GEOMETRY|TIME WITH TIME ZONE)\b/.test(type))
    return `cast(${value} AS VARCHAR) AS ${value}`;
  return value;
}

/** Opens a DuckDB file in an instance that can read it and nothing else; `copy` may write to the folders of the options. Throws AppError `dataset.badFile`. */
export async function openDuckdbFile(
  path: string,
  options: Omit<FenceOptions, 'source'>,
): Promise<ForeignFile> {
  if (!existsSync(path)) throw new AppError('dataset.badFile', `There is no file ${path}`);
  const instance = await openFenced({ ...options, source: resolve(path) }).catch((error) => {
    throw badFile(path, error);
  });
  const connection = await instance.connect();

  const found = new Map<string, Found>();
  async function contents(): Promise<ForeignContents> {
    const columns = await rows(
      connection,
      `SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
       WHERE database_name = 'source' AND NOT internal ORDER BY schema_name, table_name, column_index`,
    );
    const tables = await rows(
      connection,
      `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'source' AND NOT internal ORDER BY ALL`,
    );
    const views = await rows(
      connection,
      `SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'source' AND NOT internal ORDER BY ALL`,
    );
    const nameOf = (schema: string, table: string) => (schema === 'main' ? table : `${schema}.${table}`);
    const listed: ForeignContents['tables'] = [];
    for (const [schema, table] of tables as [string, string][]) {
      const own = columns.filter(([s, t]) => s === schema && t === table);
      const name = nameOf(schema, table);
      found.set(name, { schema, table, columns: own.map(([, , n, type]) => ({ name: n!, type: type! })) });
      const [[count]] = (await rows(
        connection,
        `SELECT count(*)::VARCHAR FROM source.${identifier(schema)}.${identifier(table)}`,
      )) as [[string]];
      const doubt = doubtOf(own.map(([, , column]) => column!));
      listed.push({ name, rowCount: Number(count), ...(doubt === undefined ? {} : { doubt }) });
    }
    return { tables: listed, others: (views as [string, string][]).map(([s, v]) => `view ${nameOf(s, v)}`) };
  }

  return {
    format: 'parquet',
    contents,
    async copy(name, target) {
      const { schema, table, columns } = found.get(name)!;
      const from = `source.${identifier(schema)}.${identifier(table)}`;
      await connection.run(
        `COPY (SELECT ${columns.map(exported).join(', ')} FROM ${from}) TO ${literal(target)} ${PARQUET}`,
      );
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
