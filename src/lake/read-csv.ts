import { open } from 'node:fs/promises';
import type { LoadOptions } from '../domain/upload.ts';
import { columnNames } from './column-names.ts';
import { type Dialect, findDialect } from './csv-dialect.ts';
import { forceTypes, type RawTable } from './raw-table.ts';
import { readChunks } from './read-chunks.ts';
import { list, literal } from './sql-text.ts';

/** A CSV file in UTF-8 as a raw table. `withRejects` is the same, and writes what it leaves out to `reject_errors`. */
export interface CsvFile {
  path: string;
  dialect: Dialect;
  table: RawTable;
  withRejects: string;
}

export async function openCsv(
  path: string,
  options: LoadOptions,
  tabs: boolean,
  maxColumns: number,
): Promise<CsvFile> {
  const dialect = await findDialect(path, options, tabs);
  const names = columnNames(dialect.names, maxColumns);
  const columns = names.map((name, index) => ({ name, source: `c${index}`, reading: 'any' as const }));
  const settings = [
    'auto_detect = false',
    `delim = ${literal(dialect.delimiter)}`,
    `quote = ${literal(dialect.quote)}`,
    `escape = ${literal(dialect.quote)}`,
    `header = ${dialect.header}`,
    `skip = ${dialect.skipLines}`,
    `nullstr = ${list(['', ...(options.nullValues ?? []).filter((text) => text !== '')])}`,
    // So that a quoted "" stays an empty text and is no null.
    'allow_quoted_nulls = false',
    `columns = {${columns.map(({ source }) => `${source}: 'VARCHAR'`).join(', ')}}`,
  ];
  const read = (more: string) => `read_csv(${literal(path)}, ${settings.join(', ')}, ${more})`;
  return {
    path,
    dialect,
    table: { from: read('ignore_errors = true'), columns: forceTypes(columns, options.types) },
    withRejects: read('store_rejects = true, rejects_limit = 0'),
  };
}

const LF = 10;
const CR = 13;

/** DuckDB reads a file with one kind of line end only. Copies a file with every line end outside quotes as LF. */
export async function unifyLineEnds(
  from: string,
  to: string,
  quote: string,
  signal: AbortSignal,
): Promise<void> {
  const quoteByte = quote === '' ? -1 : quote.charCodeAt(0);
  const output = await open(to, 'w', 0o600);
  let inside = false;
  let last = 0;
  try {
    for await (const chunk of readChunks(from, signal)) {
      const written = Buffer.allocUnsafe(chunk.length);
      let length = 0;
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!;
        if (byte === quoteByte) inside = !inside;
        if (byte === LF && last === CR && !inside) {
          last = byte;
          continue;
        }
        written[length++] = byte === CR && !inside ? LF : byte;
        last = byte;
      }
      await output.writeFile(written.subarray(0, length));
    }
  } finally {
    await output.close();
  }
}
