import { AppError } from '../../base/errors.ts';
import { type ColumnData, fixed, NULL, TEXT } from '../../domain/column-data.ts';
import type { DatasourceSettings, ServerFacts, TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { Param, Statement } from '../../domain/statement.ts';
import type { Driver, DriverContext, OpenDriver, PoolStats, RunOptions } from '../driver.ts';
import { factsOf } from './facts.ts';
import * as catalog from './introspect.ts';
import { declarations } from './parameters.ts';
import { SessionPool } from './pool.ts';
import { rightsOf } from './rights.ts';
import { SourceRows } from './rows.ts';

/** For what is asked about the server and its tables. */
const CATALOG_TIMEOUT_MS = 30_000;

function cell(column: ColumnData, at: number): string | number | boolean | null {
  const state = column.states[at];
  if (state === NULL) return null;
  if (state === TEXT) return column.texts[at]!;
  const number = column.numbers[at]!;
  if (column.physical === 'boolean') return number === 1;
  return column.scale === 0 ? number : fixed(BigInt(number), column.scale);
}

/** The server has not what was asked for, which is no reason to show nothing at all. */
const isGap = (error: unknown) =>
  error instanceof AppError &&
  ['query.failed', 'query.syntax', 'query.unsupported', 'datasource.rights'].includes(error.code);

class MssqlDriver implements Driver {
  readonly engine = 'mssql';
  readonly #pool: SessionPool;
  readonly #running = new Set<SourceRows>();

  constructor(
    readonly settings: DatasourceSettings,
    context: DriverContext,
  ) {
    this.#pool = new SessionPool(settings, context);
  }

  run(statement: Statement, options: RunOptions): SourceRows {
    return new SourceRows(this.#pool, statement, options, {
      begun: (rows) => void this.#running.add(rows),
      ended: (rows) => void this.#running.delete(rows),
    });
  }

  facts(signal: AbortSignal): Promise<ServerFacts> {
    return factsOf(this.#asker(signal), this.#optional(signal));
  }

  rights(signal: AbortSignal): Promise<string[]> {
    return rightsOf(this.#optional(signal));
  }

  async schemas(signal: AbortSignal): Promise<string[]> {
    const rows = await this.#asker(signal)(catalog.SCHEMAS, []);
    return rows.map((row) => String(row.name));
  }

  async tables(schema: string | undefined, signal: AbortSignal): Promise<TableInfo[]> {
    const ask = this.#asker(signal);
    const optional = this.#optional(signal);
    return catalog.tablesOf(await ask(catalog.TABLES, [schema ?? null]), {
      comments: await optional(catalog.TABLE_COMMENTS, []),
      counts: await optional(catalog.ROW_COUNTS, []),
      indexedViews: await optional(catalog.INDEXED_VIEWS, []),
      externalTables: await optional(catalog.EXTERNAL_TABLES, []),
    });
  }

  async columns(
    { schema = this.settings.schema, name }: { schema?: string | undefined; name: string },
    signal: AbortSignal,
  ): Promise<TableColumn[]> {
    const ask = this.#asker(signal);
    const [found] = await ask(catalog.OBJECT, [schema ?? null, name]);
    if (!found)
      throw new AppError(
        'resource.notFound',
        'The database has no such table or view, or it may not be seen',
      );
    // A synonym has no columns of its own.
    if (found.kind === 'SN')
      return this.describe(
        { text: `SELECT * FROM ${quote(found.schema_name)}.${quote(found.name)}`, params: [] },
        signal,
      );
    const optional = this.#optional(signal);
    const id = Number(found.id);
    return catalog.columnsOf(await ask(catalog.COLUMNS, [id]), {
      comments: await optional(catalog.COLUMN_COMMENTS, [id]),
      primaryKey: await optional(catalog.PRIMARY_KEY, [id]),
      foreignKeys: await optional(catalog.FOREIGN_KEYS, [id]),
    });
  }

  async describe({ text, params }: Statement, signal: AbortSignal): Promise<TableColumn[]> {
    const declared = params.length === 0 ? null : declarations(params);
    return catalog.describedColumns(await this.#asker(signal)(catalog.DESCRIBE, [text, declared]));
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  #asker(signal: AbortSignal): catalog.Ask {
    return async (text: string, params: Param[]) => {
      const rows = this.run({ text, params }, { signal, timeoutMs: CATALOG_TIMEOUT_MS });
      const names = (await rows.columns()).map(({ name }) => name);
      const found: catalog.CatalogRow[] = [];
      for await (const { columns, count } of rows)
        for (let at = 0; at < count; at++)
          found.push(Object.fromEntries(names.map((name, index) => [name, cell(columns[index]!, at)])));
      return found;
    };
  }

  #optional(signal: AbortSignal): catalog.Ask {
    const ask = this.#asker(signal);
    return (text, params) =>
      ask(text, params).catch((error: unknown) => {
        if (isGap(error)) return [];
        throw error;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const rows of this.#running)
      rows.cancel(new AppError('query.cancelled', 'The datasource was closed'));
    await this.#pool.close();
  }
}

const quote = (name: unknown) => `[${String(name).replaceAll(']', ']]')}]`;

/** SQL Server by tedious and a pool of its own. See `Driver`. */
export const openMssql: OpenDriver = (settings, context) => new MssqlDriver(settings, context);
