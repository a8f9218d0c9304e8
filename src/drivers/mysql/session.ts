import { connect, type Socket } from 'node:net';
import { type Connection, createConnection, type QueryError } from 'mysql2';
import { deadline } from '../../base/abort.ts';
import { AppError } from '../../base/errors.ts';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import type { Param, Statement } from '../../domain/statement.ts';
import { connectTimeoutMs, encrypt } from '../dial.ts';
import { connectionLost, connectTimeout } from '../network-errors.ts';
import type { RowSession, RowSink, Running } from '../row-stream.ts';
import type { Copying, CopyOptions, CopySession } from '../run-copy.ts';
import { copyRows } from './copy.ts';
import { CANCELLED, errorNumberOf, mysqlError } from './errors.ts';
import { boundParams } from './params.ts';
import { rowReader } from './row-reader.ts';
import type { Field, Value } from './values.ts';

/** Prepared statements that a session keeps on the server. */
const MAX_PREPARED = 20;

/** Escapes and quotes as the parser of raw SQL reads them, whatever the server's own mode is; the rest is MySQL 8's. */
const SQL_MODE = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** What every session says first; a server that lacks one of them goes on without it. */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  readOnly: 'SET SESSION TRANSACTION READ ONLY',
  sqlMode: `SET SESSION sql_mode = '${SQL_MODE}'`,
  timeZone: "SET SESSION time_zone = '+00:00'",
  /** Texts are ordered, and told apart by window functions, by so many bytes; 15 such keys must fit the smallest usual sort buffer. */
  sortLength: 'SET SESSION max_sort_length = 8192',
  concatLength: 'SET SESSION group_concat_max_len = 67108864',
  writeTimeout: 'SET SESSION net_write_timeout = 600',
};

/** How a server is told its time limit; the first that it knows. */
const TIME_LIMITS: readonly { name: string; text(ms: number): string }[] = [
  {
    name: 'max_execution_time',
    text: (ms) => `SET SESSION max_execution_time = ${Math.max(1, Math.ceil(ms))}`,
  },
  {
    name: 'max_statement_time',
    text: (ms) => `SET SESSION max_statement_time = ${Math.max(0.001, ms / 1000)}`,
  },
  { name: 'query_timeout', text: (ms) => `SET SESSION query_timeout = ${Math.max(1, Math.ceil(ms / 1000))}` },
];

export interface SessionSetup {
  settings: DatasourceSettings;
  applicationName: string;
  /** Names of settings that this server refused before. */
  refused: Set<string>;
}

/** What the library has and its types do not say. */
interface Inner {
  stream: Socket;
  packetParser: { execute(data: Buffer): void };
  _handleNetworkError(error: Error): void;
  startTLS(onSecure: (error?: unknown) => void): void;
}

interface Prepared {
  columns: Field[];
}

interface Command {
  buildParserFromFields: typeof rowReader;
  on(event: 'fields', take: (fields: Field[]) => void): Command;
  on(event: 'result', take: (row: unknown[]) => void): Command;
  on(event: 'error', take: (error: unknown) => void): Command;
  on(event: 'end', take: () => void): Command;
}

function connectionOf(
  { settings, applicationName }: SessionSetup,
  signal: AbortSignal,
  onLost: (error: unknown) => void,
  onBytes: (count: number) => void,
): Connection {
  const counted = <S extends Socket>(socket: S): S =>
    socket.on('data', (data: Buffer) => onBytes(data.length));
  const mode = settings.tls?.mode ?? 'off';
  const connection = createConnection({
    host: settings.host,
    stream: () => counted(connect({ host: settings.host, port: settings.port, noDelay: true })),
    user: settings.user,
    password: settings.password ?? '',
    database: settings.database,
    charset: 'UTF8MB4_GENERAL_CI',
    connectTimeout: 0,
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    jsonStrings: true,
    multipleStatements: false,
    maxPreparedStatements: MAX_PREPARED,
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: applicationName },
    ...(mode === 'off' ? {} : { ssl: {} }),
  });
  // The library checks no names of certificates for servers that are given by address; dial.ts does.
  const inner = connection as unknown as Inner;
  inner.startTLS = (onSecure) => {
    const plain = inner.stream;
    // The end of the plain socket is heard before the reason for which TLS ended it.
    for (const event of ['data', 'close', 'end']) plain.removeAllListeners(event);
    encrypt(plain, settings, signal).then((secure) => {
      counted(secure).on('data', (data: Buffer) => inner.packetParser.execute(data));
      secure.on('error', (error: Error) => inner._handleNetworkError(error));
      secure.on('close', () => onLost(connectionLost()));
      inner.stream = secure;
      onSecure();
    }, onLost);
  };
  return connection;
}

export class MysqlSession implements RowSession<Field>, CopySession {
  readonly #setup: SessionSetup;
  readonly #connection: Connection;
  #isOpen = true;
  #error: unknown;
  readonly #connected = Promise.withResolvers<void>();
  #timeoutMs: number | undefined;
  #sink: RowSink<Field> | undefined;
  /** A statement set variables that the next caller would see. */
  #isTainted = false;
  /** Prepared for the statement that runs, or ran last. */
  #text: string | undefined;

  private constructor(setup: SessionSetup, signal: AbortSignal) {
    this.#setup = setup;
    this.#connection = connectionOf(
      setup,
      signal,
      (error) => this.#lost(error),
      (count) => this.#sink?.bytes(count),
    );
    this.#connection.on('connect', () => this.#connected.resolve());
    this.#connection.on('error', (error) => this.#lost(error));
    this.#connection.on('end', () => this.#lost(connectionLost()));
  }

  static open(setup: SessionSetup, signal: AbortSignal): Promise<MysqlSession> {
    return MysqlSession.#open(setup, signal, (session) => session.#prepare());
  }

  static async #open(
    setup: SessionSetup,
    signal: AbortSignal,
    prepare: (session: MysqlSession) => Promise<void>,
  ): Promise<MysqlSession> {
    const limit = deadline(connectTimeoutMs(setup.settings), connectTimeout, signal);
    const session = new MysqlSession(setup, limit.signal);
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined);
    session.#connected.promise.catch(() => undefined);
    const onAbort = () => aborted.reject(limit.signal.reason);
    limit.signal.addEventListener('abort', onAbort);
    try {
      await Promise.race([session.#connected.promise.then(() => prepare(session)), aborted.promise]);
      return session;
    } catch (error) {
      session.close();
      throw limit.signal.aborted ? limit.signal.reason : mysqlError(error);
    } finally {
      limit.signal.removeEventListener('abort', onAbort);
      limit.clear();
    }
  }

  get usable(): boolean {
    return this.#isOpen;
  }

  async #prepare(): Promise<void> {
    const { settings, refused } = this.#setup;
    for (const [name, text] of Object.entries(SESSION_SETTINGS)) await this.#try(name, text);
    for (const { name, text } of TIME_LIMITS) {
      await this.#try(name, text(60_000));
      if (!refused.has(name)) break;
    }
    if (settings.schema) await this.query(`USE \`${settings.schema.replaceAll('`', '``')}\``);
    await this.#try('transaction', 'START TRANSACTION READ ONLY');
    if (!refused.has('transaction')) await this.query('ROLLBACK');
  }

  /** A setting that this server does not know is remembered as refused. */
  async #try(name: string, text: string): Promise<void> {
    if (this.#setup.refused.has(name)) return;
    try {
      await this.query(text);
    } catch (error) {
      if (!this.#isOpen) throw error;
      this.#setup.refused.add(name);
    }
  }

  #lost(error: unknown): void {
    this.#error ??= error;
    if (this.#isOpen) this.close();
  }

  async ping(): Promise<void> {
    await this.query('SELECT 1');
  }

  close(): void {
    this.#isOpen = false;
    this.#connection.destroy();
    // mysql2 (3.x) only ends its own side, and would go on reading what is left of the answer.
    (this.#connection as unknown as Inner).stream.destroy();
    this.#error ??= connectionLost();
    this.#connected.reject(this.#error);
    if (this.#sink) this.#fail(this.#sink, this.#error);
  }

  /** Rows as arrays; for statements of our own, without parameters. */
  query(text: string): Promise<Value[][]> {
    return this.#answer((done) => this.#connection.query({ sql: text, rowsAsArray: true }, done));
  }

  /** Rows as arrays; for statements of our own. */
  ask(text: string, params: readonly Param[]): Promise<(Value | null)[][]> {
    const values = boundParams(params) as never[];
    return this.#answer((done) => this.#connection.execute({ sql: text, values, rowsAsArray: true }, done));
  }

  #answer<T>(send: (done: (error: QueryError | null, rows: never) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(this.#error ?? connectionLost());
      send((error, rows) => (error ? reject(error) : resolve(rows as T)));
    });
  }

  /** The columns that a statement yields; it is prepared and not run. */
  async describe(statement: Statement): Promise<readonly Field[]> {
    const { columns } = await this.#prepared(statement.text);
    this.#connection.unprepare(statement.text);
    return columns;
  }

  #prepared(text: string): Promise<Prepared> {
    return this.#answer((done) => this.#connection.prepare(text, done as never));
  }

  run(statement: Statement, timeoutMs: number, sink: RowSink<Field>): Running {
    this.#sink = sink;
    this.#start(statement, timeoutMs, sink).catch((error) => this.#fail(sink, error));
    const inner = this.#connection as unknown as Inner;
    return {
      pause: () => this.#connection.pause(),
      resume: () => this.#connection.resume(),
      received: () => inner.stream.bytesRead,
      cancel: () => this.#cancel(),
    };
  }

  #fail(sink: RowSink<Field>, error: unknown): void {
    if (this.#sink !== sink) return;
    this.#sink = undefined;
    sink.fail(error);
  }

  async #begin(timeoutMs: number): Promise<void> {
    const { refused } = this.#setup;
    const limit = TIME_LIMITS.find(({ name }) => !refused.has(name));
    if (limit && this.#timeoutMs !== timeoutMs) await this.query(limit.text(timeoutMs));
    this.#timeoutMs = timeoutMs;
    if (!refused.has('transaction')) await this.query('START TRANSACTION READ ONLY');
  }

  /** Rows of a statement as CSV, by the text protocol. */
  async copy(text: string, options: CopyOptions): Promise<Copying> {
    await this.#begin(options.timeoutMs);
    this.#isTainted ||= text.includes('@');
    const { stream } = this.#connection as unknown as Inner;
    return { ...copyRows(stream, text, options), cancel: () => this.#cancel() };
  }

  async #start({ text, params }: Statement, timeoutMs: number, sink: RowSink<Field>): Promise<void> {
    await this.#begin(timeoutMs);
    const { columns } = await this.#prepared(text);
    this.#text = text;
    if (columns.length === 0) throw new AppError('query.refused', 'The statement yields no rows');
    this.#isTainted ||= text.includes('@');
    const values = boundParams(params) as never[];
    const command = this.#connection.execute({ sql: text, values }) as unknown as Command;
    command.buildParserFromFields = rowReader;
    command.on('fields', (fields) => sink.fields(fields));
    command.on('result', (row) => sink.row(row));
    command.on('error', (error) => this.#fail(sink, error));
    command.on('end', () => {
      if (this.#sink !== sink) return;
      this.#sink = undefined;
      sink.end();
    });
  }

  /** Ends the transaction of the statement; variables can only be ended with the session. */
  async settle(): Promise<void> {
    if (this.#isTainted) this.close();
    // MariaDB 10.11 refuses (error 1140) to run some right aggregates a second time from one prepared statement.
    if (this.#isOpen && this.#text !== undefined) this.#connection.unprepare(this.#text);
    this.#text = undefined;
    if (!this.#isOpen || this.#setup.refused.has('transaction')) return;
    try {
      await this.query('ROLLBACK');
    } catch (error) {
      // A KILL may arrive late and hit this statement instead.
      if (errorNumberOf(error) !== CANCELLED) throw error;
      await this.query('ROLLBACK');
    }
  }

  async #cancel(): Promise<void> {
    const id = this.#connection.threadId;
    const limit = AbortSignal.timeout(connectTimeoutMs(this.#setup.settings));
    // Without the settings of a session: each would be a round trip more for which the statement runs on.
    const other = await MysqlSession.#open(this.#setup, limit, async () => undefined);
    try {
      await other.query(`KILL QUERY ${id}`);
    } finally {
      other.close();
    }
  }
}
