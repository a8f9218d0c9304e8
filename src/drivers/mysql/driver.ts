import { AppError } from '../../base/errors.ts';
import type { DatasourceSettings, ServerFacts, TableColumn, TableInfo } from '../../domain/datasource.ts';
import type { Statement } from '../../domain/statement.ts';
import { ConnectionPool, POOL_TIMES } from '../connection-pool.ts';
import type { Driver, DriverContext, OpenDriver, PoolStats, Rows, RunOptions } from '../driver.ts';
import { poolLimits } from '../pool-limits.ts';
import { RowStream } from '../row-stream.ts';
import { type CopyOptions, runCopy } from '../run-copy.ts';
import { withSession } from '../with-session.ts';
import { booleansOf, type IsBoolean } from './booleans.ts';
import { mysqlError } from './errors.ts';
import { readFacts } from './facts.ts';
import { describeFields, readColumns, readSchemas, readTables } from './introspect.ts';
import { MysqlSession, type SessionSetup } from './session.ts';
import { decoderOf, type Field } from './values.ts';

class MysqlDriver implements Driver {
  readonly engine = 'mysql';
  readonly #setup: SessionSetup;
  readonly #pool: ConnectionPool<MysqlSession>;
  readonly #isBoolean: IsBoolean;

  constructor(settings: DatasourceSettings, context: DriverContext) {
    const named = settings.options?.application_name;
    this.#isBoolean = booleansOf(settings);
    this.#setup = {
      settings,
      applicationName: typeof named === 'string' ? named : context.applicationName,
      refused: new Set(),
    };
    this.#pool = new ConnectionPool({
      open: (signal) => MysqlSession.open(this.#setup, signal),
      ...poolLimits(settings),
      times: { ...POOL_TIMES, ...context.poolTimes },
      onEvent: context.onPoolEvent,
    });
  }

  facts(signal: AbortSignal): Promise<ServerFacts> {
    return this.#ask(signal, (session) => readFacts(session, this.#setup.refused));
  }

  run(statement: Statement, options: RunOptions): Rows {
    const decoder = (fields: readonly Field[], types: RunOptions['types']) =>
      decoderOf(fields, types, this.#isBoolean);
    const source = { pool: this.#pool, decoder, mapError: mysqlError };
    return new RowStream<Field>(source, statement, options);
  }

  copy(text: string, options: CopyOptions): Promise<void> {
    return runCopy(this.#pool, mysqlError, text, options);
  }

  schemas(signal: AbortSignal): Promise<string[]> {
    return this.#ask(signal, readSchemas);
  }

  tables(schema: string | undefined, signal: AbortSignal): Promise<TableInfo[]> {
    return this.#ask(signal, (session) => readTables(session, schema));
  }

  columns(table: { schema?: string | undefined; name: string }, signal: AbortSignal): Promise<TableColumn[]> {
    return this.#ask(signal, (session) => readColumns(session, table, this.#isBoolean));
  }

  describe(statement: Statement, signal: AbortSignal): Promise<TableColumn[]> {
    return this.#ask(signal, async (session) => {
      const fields = await session.describe(statement);
      if (fields.length === 0) throw new AppError('query.refused', 'The statement yields no columns');
      return describeFields(fields, this.#isBoolean);
    });
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }

  #ask<T>(signal: AbortSignal, work: (session: MysqlSession) => Promise<T>): Promise<T> {
    return withSession(this.#pool, signal, mysqlError, work);
  }
}

export const openMysql: OpenDriver = (settings, context) => new MysqlDriver(settings, context);
