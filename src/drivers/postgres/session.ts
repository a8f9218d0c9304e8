import { deadline, orAborted } from '../../base/abort.ts';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import type { Param, Statement } from '../../domain/statement.ts';
import { connectTimeoutMs } from '../dial.ts';
import { connectionLost, connectTimeout } from '../network-errors.ts';
import type { RowSession, RowSink, Running } from '../row-stream.ts';
import type { Copying, CopyOptions, CopySession } from '../run-copy.ts';
import { copyOut } from './copy.ts';
import { CANCELLED, isOfConnection, postgresError, sqlStateOf } from './errors.ts';
import { typedParams } from './params.ts';
import { SingleConnection } from './single-connection.ts';
import { openSocket } from './socket.ts';

/** A column of an answer, as the protocol describes it. */
export interface Field {
  name: string;
  /** Object id of the type. */
  type: number;
  /** Object id of the table that it comes from and its number there; 0 for an expression. */
  table: number;
  number: number;
}

interface Backend {
  pid: number;
  secret: number;
}

/** Every value as the server's text: nothing is parsed to a JavaScript date, object or rounded number. */
const AS_TEXT = {
  to: 25,
  from: [16, 17, 20, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 1700, 3802],
  serialize: (value: unknown) => value,
  parse: undefined as never,
};

/** What every session says first; a server that lacks one of them goes on without it. */
const SESSION_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['default_transaction_read_only', 'on'],
  ['timezone', 'UTC'],
  ['datestyle', 'ISO, YMD'],
  ['intervalstyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  ['standard_conforming_strings', 'on'],
];

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

export interface SessionSetup {
  settings: DatasourceSettings;
  applicationName: string;
  /** Settings that this server refused before. */
  refused: Set<string>;
}

export class PostgresSession implements RowSession<Field>, CopySession {
  readonly #connection: SingleConnection;
  readonly #setup: SessionSetup;

  private constructor(setup: SessionSetup, signal: AbortSignal) {
    const { settings } = setup;
    this.#setup = setup;
    this.#connection = new SingleConnection(
      settings,
      { applicationName: setup.applicationName, types: { text: AS_TEXT } },
      signal,
    );
  }

  static async open(setup: SessionSetup, signal: AbortSignal): Promise<PostgresSession> {
    const limit = deadline(connectTimeoutMs(setup.settings), connectTimeout, signal);
    const session = new PostgresSession(setup, limit.signal);
    try {
      await orAborted(session.#prepare(), limit.signal);
      return session;
    } catch (error) {
      session.close();
      throw limit.signal.aborted ? limit.signal.reason : postgresError(error);
    } finally {
      limit.clear();
    }
  }

  get usable(): boolean {
    return this.#connection.isOpen;
  }

  async #prepare(): Promise<void> {
    const { settings, refused } = this.#setup;
    const own = Object.entries(settings.options ?? {}).filter(([name]) => name !== 'application_name');
    const path: [string, string][] = settings.schema
      ? [['search_path', `"${settings.schema.replaceAll('"', '""')}"`]]
      : [];
    for (const [name, value] of [...own, ...path])
      await this.#connection.sql
        .unsafe(`select set_config(${quoted(name)}, ${quoted(String(value))}, false)`)
        .simple();
    const wanted = SESSION_SETTINGS.filter(([name]) => !refused.has(name));
    const set = ([name, value]: readonly [string, string]) => `set ${name} to ${quoted(value)}`;
    try {
      await this.#connection.sql.unsafe(wanted.map(set).join('; ')).simple();
    } catch (error) {
      if (!this.#connection.isOpen || isOfConnection(error)) throw error;
      for (const setting of wanted) await this.#try(setting[0], set(setting));
    }
    if (!refused.has('transaction')) await this.#try('transaction', `${begin(1_000, refused)}; rollback`);
    if (refused.has('transaction')) await this.#try('statement_timeout', "set statement_timeout to '1000'");
  }

  /** A setting that this server does not know is remembered as refused. */
  async #try(name: string, text: string): Promise<void> {
    try {
      await this.#connection.sql.unsafe(text).simple();
    } catch (error) {
      if (!this.#connection.isOpen) throw error;
      this.#setup.refused.add(name);
      await this.#connection.sql.unsafe('rollback').simple();
    }
  }

  async ping(): Promise<void> {
    await this.#connection.sql.unsafe('select 1').simple();
  }

  close(): void {
    this.#connection.close();
  }

  #typed(params: readonly Param[]): never[] {
    return typedParams(
      params,
      this.#connection.sql.typed as unknown as (value: string, type: number) => unknown,
    );
  }

  /** Rows as arrays of text; for statements of our own. */
  async query(text: string, params: readonly Param[] = []): Promise<(string | null)[][]> {
    const query = this.#connection.sql.unsafe(text, this.#typed(params), { simple: false } as never);
    return (await query.values()) as unknown as (string | null)[][];
  }

  /** The columns that a statement would yield; it is parsed and not run. */
  async describe(statement: Statement): Promise<readonly Field[]> {
    const query = this.#connection.sql.unsafe(statement.text, this.#typed(statement.params));
    return ((await query.describe()) as unknown as { columns: Field[] }).columns;
  }

  run(statement: Statement, timeoutMs: number, sink: RowSink<Field>): Running {
    let hasFields = false;
    const fields = (columns: readonly Field[]) => {
      hasFields = true;
      sink.fields(columns);
    };
    this.#connection.onBytes = (count) => sink.bytes(count);
    const started = this.#connection.sql.unsafe(begin(timeoutMs, this.#setup.refused)).simple().execute();
    const query = this.#connection.sql.unsafe(statement.text, this.#typed(statement.params), {
      simple: false,
    } as never);
    const rows = query.values() as unknown as {
      forEach(take: (row: unknown[], result: { columns: Field[] }) => void): Promise<{ columns?: Field[] }>;
    };
    const take = (row: unknown[], result: { columns: Field[] }) => {
      if (!hasFields) fields(result.columns);
      sink.row(row);
    };
    Promise.all([started, rows.forEach(take)]).then(
      ([, result]) => {
        if (!hasFields) fields(result.columns ?? []);
        sink.end();
      },
      (error) => sink.fail(error),
    );
    const backend = () => (query as unknown as { state: Backend | null }).state;
    return {
      pause: () => this.#connection.socket?.pause(),
      resume: () => this.#connection.socket?.resume(),
      received: () => this.#connection.socket?.bytesRead ?? 0,
      cancel: () => this.#cancel(backend()),
    };
  }

  /** Rows of a SELECT as CSV, by COPY. */
  async copy(text: string, options: CopyOptions): Promise<Copying> {
    const begun = this.#connection.sql
      .unsafe(begin(options.timeoutMs, this.#setup.refused))
      .simple()
      .execute();
    await begun;
    const { state } = begun as unknown as { state: Backend | null };
    if (!this.#connection.socket || !this.#connection.isOpen) throw connectionLost();
    const copying = copyOut(this.#connection.socket, `COPY (${text}) TO STDOUT (FORMAT csv)`, options);
    return { ...copying, cancel: () => this.#cancel(state) };
  }

  /** Ends the transaction; with it go all settings that the statement may have made. */
  async settle(): Promise<void> {
    this.#connection.onBytes = undefined;
    if (!this.#connection.isOpen) return;
    try {
      await this.#connection.sql.unsafe('rollback').simple();
    } catch (error) {
      // A cancel may arrive late and hit this statement instead.
      if (!this.#connection.isOpen || sqlStateOf(error) !== CANCELLED) throw error;
      await this.#connection.sql.unsafe('rollback').simple();
    }
  }

  async #cancel(backend: Backend | null): Promise<void> {
    if (!backend) return this.close();
    const { settings } = this.#setup;
    const limit = deadline(connectTimeoutMs(settings), connectTimeout);
    try {
      const socket = await openSocket(settings, limit.signal);
      const message = Buffer.alloc(16);
      message.writeInt32BE(16, 0);
      message.writeInt32BE(80_877_102, 4);
      message.writeUInt32BE(backend.pid, 8);
      message.writeUInt32BE(backend.secret, 12);
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
        socket.on('error', () => resolve());
        socket.end(message);
        socket.resume();
      });
    } finally {
      limit.clear();
    }
  }
}

/** A transaction that cannot write and cannot be made to, with the time limit in it. */
function begin(timeoutMs: number, refused: ReadonlySet<string>): string {
  const limit = `statement_timeout to ${Math.max(1, Math.ceil(timeoutMs))}`;
  if (refused.has('transaction')) return refused.has('statement_timeout') ? 'begin' : `begin; set ${limit}`;
  return `begin transaction read only; set local ${limit}`;
}
