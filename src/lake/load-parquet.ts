import { AppError } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import { columnNames } from './column-names.ts';
import type { ColumnPlan } from './decide-types.ts';
import type { Loaded, Parts } from './jobs.ts';
import type { LoadContext } from './load-csv.ts';
import { parquetFault } from './parquet-fault.ts';
import { rows } from './raw-table.ts';
import { identifier, literal } from './sql-text.ts';
import { decimalOf, findWideDecimals, readableSource, type WideDecimal } from './wide-decimals.ts';
import { writeParquet } from './write-parquet.ts';

interface Mapping {
  type: Column['type'];
  sqlType: string;
}

const MAPPINGS: Record<string, Mapping> = {
  BOOLEAN: { type: 'boolean', sqlType: 'BOOLEAN' },
  UBIGINT: { type: 'decimal', sqlType: 'DECIMAL(38,0)' },
  HUGEINT: { type: 'decimal', sqlType: 'DECIMAL(38,0)' },
  UHUGEINT: { type: 'decimal', sqlType: 'DECIMAL(38,0)' },
  FLOAT: { type: 'float', sqlType: 'DOUBLE' },
  DOUBLE: { type: 'float', sqlType: 'DOUBLE' },
  DATE: { type: 'date', sqlType: 'DATE' },
  TIME: { type: 'time', sqlType: 'TIME' },
  UUID: { type: 'uuid', sqlType: 'UUID' },
  BLOB: { type: 'binary', sqlType: 'BLOB' },
  'TIMESTAMP WITH TIME ZONE': { type: 'timestamptz', sqlType: 'TIMESTAMPTZ' },
  JSON: { type: 'json', sqlType: 'VARCHAR' },
};

/** Our type of a DuckDB type, and the type it is stored as. */
function mappingOf(duckdbType: string): Mapping {
  const known = MAPPINGS[duckdbType];
  if (known) return known;
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(duckdbType)) return { type: 'integer', sqlType: 'BIGINT' };
  if (/^DECIMAL\(\d+,\d+\)$/.test(duckdbType)) return { type: 'decimal', sqlType: duckdbType };
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(duckdbType)) return { type: 'timestamp', sqlType: 'TIMESTAMP' };
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|LIST)\b/.test(duckdbType)) return { type: 'json', sqlType: 'JSON' };
  return { type: 'text', sqlType: 'VARCHAR' };
}

/** Options that say how texts become values. */
const TEXT_OPTIONS = ['types', 'dateFormats', 'numberFormats', 'booleans'] as const;

/** Loads a Parquet file; its types are kept, nested ones become JSON text. */
export async function loadParquet(
  path: string,
  parts: Parts,
  context: LoadContext,
): Promise<Omit<Loaded, 'format'>> {
  const { connection, maxColumns, options } = context;
  for (const name of TEXT_OPTIONS)
    if (options[name] !== undefined)
      throw new AppError('request.invalid', `A Parquet file has its own types; leave out ${name}`, {
        pointer: `/${name}`,
      });
  const from = `read_parquet(${literal(path)})`;
  let sources: string[] = [];
  try {
    const wide = await findWideDecimals(connection, path);
    const source = wide.length > 0 ? await readableSource(path, wide, context) : from;
    const described = await rows(connection, `DESCRIBE SELECT * FROM ${source}`);
    sources = described.map(([name]) => name ?? '');
    const names = columnNames(sources, maxColumns);
    const plans = described.map(([name, type], index) =>
      planOf(
        name!,
        type!,
        names[index]!,
        wide.find(({ position }) => position === index),
      ),
    );
    const written = await writeParquet(connection, plans, source, parts.target);
    const columns = plans.map(({ column }) => column);
    return { ...written, columns, rejected: { count: 0 }, warnings: [] };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw await parquetFault(connection, from, sources, error);
  }
}

function planOf(source: string, duckdbType: string, name: string, wide: WideDecimal | undefined): ColumnPlan {
  if (wide) {
    const column: Column = { name, type: 'decimal', scale: wide.scale };
    return { column, sql: decimalOf(identifier(source), wide.scale), misfits: 0, warnings: [] };
  }
  const { type, sqlType } = mappingOf(duckdbType);
  const value = identifier(source);
  const scale = type === 'decimal' ? Number(/,(\d+)\)$/.exec(sqlType)?.[1] ?? 0) : undefined;
  const sql = sqlType === 'JSON' ? `cast(to_json(${value}) AS VARCHAR)` : `cast(${value} AS ${sqlType})`;
  return {
    column: { name, type, ...(scale === undefined ? {} : { scale }) },
    sql,
    misfits: 0,
    warnings: [],
  };
}
