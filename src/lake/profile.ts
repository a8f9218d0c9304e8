import type { DuckDBConnection } from '@duckdb/node-api';
import { type Column, isNumeric, isTemporal } from '../domain/column.ts';
import { readCells, travelling } from './cells.ts';
import type { Cell, ColumnProfile } from './jobs.ts';
import { identifier, list } from './sql-text.ts';

const TOP = 10;
const BINS = 20;

/** What stands in each column, from every row. */
export async function profile(
  connection: DuckDBConnection,
  files: readonly string[],
  columns: readonly Column[],
): Promise<{ rowCount: number; columns: ColumnProfile[] }> {
  const from = `read_parquet(${list(files)}, union_by_name = true)`;
  const [[rowCount] = []] = await readCells(connection, `SELECT count(*) FROM ${from}`);
  const profiles: ColumnProfile[] = [];
  for (const column of columns) profiles.push(await profileColumn(connection, from, column));
  return { rowCount: Number(rowCount ?? 0), columns: profiles };
}

async function profileColumn(
  connection: DuckDBConnection,
  from: string,
  column: Column,
): Promise<ColumnProfile> {
  const value = identifier(column.name);
  const numeric = isNumeric(column.type);
  const isFloat = column.type === 'float';
  const finite = isFloat ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
  const mean = numeric ? `avg(${value})` : 'NULL';
  const notFinite = isFloat ? `count(${value}) - count(${finite})` : '0';
  const [[nulls, distinct, min, max, average, notFiniteCount] = []] = await readCells(
    connection,
    `SELECT count(*) - count(${value}), count(DISTINCT ${value}), ${travelling(column, `min(${value})`)}, ${travelling(column, `max(${value})`)}, ${mean}, ${notFinite} FROM ${from}`,
  );
  const top = await readCells(
    connection,
    `SELECT ${travelling(column, 'value')}, n FROM (SELECT ${value} AS value, count(*) AS n FROM ${from} WHERE ${value} IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT ${TOP})`,
  );
  const isBinned = (numeric || isTemporal(column.type)) && distinct !== 0;
  return {
    name: column.name,
    type: column.type,
    nulls: Number(nulls),
    distinct: Number(distinct),
    min: min ?? null,
    max: max ?? null,
    ...(numeric ? { mean: average ?? null } : {}),
    ...(Number(notFiniteCount) > 0 ? { notFinite: Number(notFiniteCount) } : {}),
    top: top.map(([each, count]) => ({ value: each ?? null, count: Number(count) })),
    ...(isBinned ? { histogram: await histogram(connection, from, column, finite) } : {}),
  };
}

/** Equal bins from the least to the greatest value; whole steps for dates and small integers. */
async function histogram(
  connection: DuckDBConnection,
  from: string,
  column: Column,
  finite: string,
): Promise<{ from: Cell; to: Cell; count: number }[]> {
  const temporal = isTemporal(column.type);
  const number = temporal ? `epoch(${finite})` : `cast(${finite} AS DOUBLE)`;
  const [[low, high] = []] = await readCells(
    connection,
    `SELECT min(${number}), max(${number}) FROM ${from}`,
  );
  if (low === null || low === undefined) return [];
  const start = Number(low);
  const width = binWidth(column, start, Number(high));
  const counts = await readCells(
    connection,
    `SELECT least(floor((${number} - ${start}) / ${width}), ${BINS - 1}) AS bin, count(*) FROM ${from} WHERE ${finite} IS NOT NULL GROUP BY 1`,
  );
  const found = new Map(counts.map(([bin, count]) => [Number(bin), Number(count)]));
  const last = Math.max(...found.keys());
  return Array.from({ length: last + 1 }, (_, bin) => ({
    from: edge(column, start + bin * width),
    to: edge(column, start + (bin + 1) * width),
    count: found.get(bin) ?? 0,
  }));
}

const DAY = 86_400;

function binWidth(column: Column, low: number, high: number): number {
  const span = high - low;
  if (span === 0) return column.type === 'date' ? DAY : 1;
  if (column.type === 'date') return Math.ceil((span + DAY) / DAY / BINS) * DAY;
  if (column.type === 'integer' && span <= Number.MAX_SAFE_INTEGER) return Math.ceil((span + 1) / BINS);
  return span / BINS;
}

function edge({ type }: Column, value: number): Cell {
  if (!isTemporal(type)) return value;
  const date = new Date(value * 1000);
  if (Number.isNaN(date.getTime())) return String(value);
  const text = date.toISOString();
  return type === 'date' ? text.slice(0, 10) : type === 'timestamp' ? text.slice(0, -1) : text;
}
