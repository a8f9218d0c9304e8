import type postgres from 'postgres';
import { deadline, orAborted } from '../../base/abort.ts';
import type { Session } from '../../drivers/connection-pool.ts';
import { connectTimeoutMs } from '../../drivers/dial.ts';
import { connectionLost, connectTimeout } from '../../drivers/network-errors.ts';
import { SingleConnection } from '../../drivers/postgres/single-connection.ts';
import type { MetadataAddress } from './address.ts';
import { metadataError } from './errors.ts';

export interface SessionLimits {
  statementMs: number;
  lockMs: number;
  /** Between two statements of a transaction. */
  idleMs: number;
}

export interface Answer {
  /** What was done, such as INSERT or COMMIT. */
  command: string;
  count: number;
  rows: Record<string, unknown>[];
}

type Result = postgres.RowList<postgres.Row[]>;

/** How much longer than the server's own limit an answer may take before the server counts as gone. */
const SLACK_MS = 10_000;

/** Counts are bigint, sums numeric: both are numbers here, as SQLite gives them. */
function toNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large for a number`);
  return value;
}

const INT8 = 20;
const NUMERIC = 1700;
const NUMBER = { to: INT8, from: [INT8, NUMERIC], serialize: String, parse: toNumber };

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Said by SET and not when connecting: PgBouncer refuses most settings there. */
function settingsOf({ settings, schema }: MetadataAddress, limits: SessionLimits): string {
  const { role } = settings.options ?? {};
  return [
    ...(role === undefined ? [] : [`set role ${literal(String(role))}`]),
    `set search_path to ${identifier(schema)}`,
    `set statement_timeout to ${limits.statementMs}`,
    `set lock_timeout to ${limits.lockMs}`,
    `set idle_in_transaction_session_timeout to ${limits.idleMs}`,
    'set standard_conforming_strings to on',
  ].join('; ');
}

/** One connection to the metadata. */
export class MetadataSession implements Session {
  readonly #connection: SingleConnection;
  readonly #answerMs: number;

  private constructor({ settings }: MetadataAddress, limits: SessionLimits, signal: AbortSignal) {
    this.#answerMs = limits.statementMs + SLACK_MS;
    this.#connection = new SingleConnection(
      settings,
      {
        applicationName: String(settings.options?.application_name ?? 'reporting-api'),
        types: { number: NUMBER },
      },
      signal,
    );
  }

  static async open(
    address: MetadataAddress,
    limits: SessionLimits,
    signal: AbortSignal,
  ): Promise<MetadataSession> {
    const limit = deadline(connectTimeoutMs(address.settings), connectTimeout, signal);
    const session = new MetadataSession(address, limits, limit.signal);
    try {
      await orAborted(session.command(settingsOf(address, limits)), limit.signal);
      return session;
    } catch (error) {
      session.close();
      throw metadataError(error);
    } finally {
      limit.clear();
    }
  }

  get usable(): boolean {
    return this.#connection.isOpen;
  }

  async ping(): Promise<void> {
    await this.command('select 1');
  }

  close(): void {
    this.#connection.close();
  }

  /** Statements without parameters; gives what the last one did. */
  async command(text: string): Promise<string> {
    const answer: Result = await this.#answered(this.#connection.sql.unsafe(text).simple());
    const last = Array.isArray(answer[0]) ? (answer as unknown as Result[]).at(-1) : answer;
    return last?.command ?? '';
  }

  async run(text: string, parameters: readonly unknown[]): Promise<Answer> {
    const given = parameters.map((value) => value ?? null) as never[];
    const result: Result = await this.#answered(this.#connection.sql.unsafe(text, given));
    return { command: result.command, count: result.count ?? 0, rows: [...result] };
  }

  async #answered<T>(query: PromiseLike<T>): Promise<T> {
    if (!this.#connection.isOpen) throw metadataError(connectionLost());
    const timer = setTimeout(() => this.close(), this.#answerMs);
    try {
      return await query;
    } catch (error) {
      throw metadataError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
