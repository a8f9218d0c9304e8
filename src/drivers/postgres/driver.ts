import { AppError } from '../../base/errors.ts';
import type { SourceColumn } from '../../domain/column.ts';
import type { DatasourceSettings, ServerFacts, TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { Statement } from '../../domain/statement.ts';
import type { Decoder } from '../batch-queue.ts';
import { ConnectionPool, POOL_TIMES } from '../connection-pool.ts';
import type { Driver, DriverContext, OpenDriver, PoolStats, Rows, RunOptions } from '../driver.ts';
import { poolLimits } from '../pool-limits.ts';
import { RowStream } from '../row-stream.ts';
import { type CopyOptions, runCopy } from '../run-copy.ts';
import { withSession } from '../with-session.ts';
import { postgresError } from './errors.ts';
import { readFacts } from './facts.ts';
import { readColumns, readDescription, readSchemas, readTables } from './introspect.ts';
import { type Field, PostgresSession, type SessionSetup } from './session.ts';
import { readMoneyScale, readTypes } from './types.ts';
import { builtInTypes, decoderOf, type PgType } from './values.ts';

class PostgresDriver implements Driver {
  readonly engine = 'postgres';
  readonly #setup: SessionSetup;
  readonly #pool: ConnectionPool<PostgresSession>;
  readonly #types = new Map<number, PgType>();
  #moneyScale: number | undefined;

  constructor(settings: DatasourceSettings, context: DriverContext) {
    const named = settings.options?.application_name;
    this.#setup = {
      settings,
      applicationName: typeof named === 'string' ? named : context.applicationName,
      refused: new Set(),
    };
    for (const [oid, type] of builtInTypes()) this.#types.set(oid, type);
    this.#pool = new ConnectionPool({
      open: (signal) => PostgresSession.open(this.#setup, signal),
      ...poolLimits(settings),
      times: { ...POOL_TIMES, ...context.poolTimes },
      onEvent: context.onPoolEvent,
    });
  }

  facts(signal: AbortSignal): Promise<ServerFacts> {
    return this.#ask(signal, (session) => readFacts(session, this.#setup.refused));
  }

  run(statement: Statement, options: RunOptions): Rows {
    return new RowStream<Field>(
      {
        pool: this.#pool,
        decoder: (fields, types) => this.#decoder(fields, types),
        mapError: postgresError,
      },
      statement,
      options,
    );
  }

  copy(text: string, options: CopyOptions): Promise<void> {
    return runCopy(this.#pool, postgresError, text, options);
  }

  schemas(signal: AbortSignal): Promise<string[]> {
    return this.#ask(signal, readSchemas);
  }

  tables(schema: string | undefined, signal: AbortSignal): Promise<TableInfo[]> {
    return this.#ask(signal, (session) => readTables(session, schema));
  }

  columns(table: { schema?: string | undefined; name: string }, signal: AbortSignal): Promise<TableColumn[]> {
    return this.#ask(signal, (session) => readColumns(session, table, this.#types));
  }

  describe(statement: Statement, signal: AbortSignal): Promise<TableColumn[]> {
    return this.#ask(signal, async (session) => {
      const fields = await session.describe(statement);
      if (fields.length === 0) throw new AppError('query.refused', 'The statement yields no columns');
      await this.#learn(session, fields);
      return readDescription(session, fields, this.#types);
    });
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }

  #ask<T>(signal: AbortSignal, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    return withSession(this.#pool, signal, postgresError, work);
  }

  #decoder(fields: readonly Field[], types: readonly SourceColumn[] | undefined): Decoder | Promise<Decoder> {
    const decoder = () => decoderOf(fields, types, { types: this.#types, moneyScale: this.#moneyScale ?? 2 });
    const isKnown = fields.every(({ type }) => this.#types.has(type));
    if (isKnown && (this.#moneyScale !== undefined || !this.#hasMoney(fields))) return decoder();
    return this.#study(fields).then(decoder);
  }

  #hasMoney(fields: readonly Field[]): boolean {
    return fields.some(({ type }) => isMoney(this.#types.get(type), this.#types));
  }

  /** The statement holds its own session, and the pool may have no other to spare. */
  async #study(fields: readonly Field[]): Promise<void> {
    const session = await PostgresSession.open(this.#setup, new AbortController().signal);
    try {
      await this.#learn(session, fields);
      if (this.#hasMoney(fields)) this.#moneyScale ??= await readMoneyScale(session);
    } finally {
      session.close();
    }
  }

  /** Types that no server has from the start: enums, domains, extensions, arrays of them. */
  async #learn(session: PostgresSession, fields: readonly Field[]): Promise<void> {
    const unknown = new Set(fields.map(({ type }) => type).filter((oid) => !this.#types.has(oid)));
    if (unknown.size > 0) await readTypes(session, unknown, this.#types);
  }
}

function isMoney(type: PgType | undefined, types: ReadonlyMap<number, PgType>): boolean {
  return type?.name === 'money' || (type?.element !== undefined && types.get(type.element)?.name === 'money');
}

export const openPostgres: OpenDriver = (settings, context) => new PostgresDriver(settings, context);
