import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { AppError } from '../../base/errors.ts';
import { mayTryAgain } from './errors.ts';
import type { Answer, MetadataSession } from './session.ts';

/** Where a connection gets its sessions, and its turn to write. */
export interface Sessions {
  take(): Promise<MetadataSession>;
  give(session: MetadataSession): void;
  /** Resolves when no other work of this process writes; gives what ends the turn. */
  turn(): Promise<() => void>;
  /** Opens a transaction that is alone among all processes. */
  begin: string;
}

interface Transaction {
  session: MetadataSession;
  endTurn: () => void;
  hasSavepoint: boolean;
}

const ATTEMPTS = 3;
const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const isRead = ({ query, sql }: CompiledQuery) =>
  query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(?:select|show)\b/i.test(sql));

const toResult = <R>({ command, count, rows }: Answer): QueryResult<R> => ({
  rows: rows as R[],
  ...(CHANGES.has(command) ? { numAffectedRows: BigInt(count) } : {}),
});

/**
 * What Kysely takes for a connection. It holds a session for as long as a statement or a transaction lasts; a write outside of a transaction
 * is one of its own, so that every write waits for the same lock, as in SQLite.
 */
export class MetadataConnection implements DatabaseConnection {
  readonly #sessions: Sessions;
  #transaction: Transaction | undefined;
  /** The statements of a transaction come one after another, however they are called. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const transaction = this.#transaction;
    if (transaction) return toResult<R>(await this.#inTurn(() => inside(transaction, query)));
    return toResult<R>(await (isRead(query) ? this.#read(query) : this.#write(query)));
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  async begin(): Promise<void> {
    const endTurn = await this.#sessions.turn();
    try {
      const session = await this.#sessions.take();
      try {
        await session.command(this.#sessions.begin);
      } catch (error) {
        await rollback(session);
        this.#sessions.give(session);
        throw error;
      }
      this.#transaction = { session, endTurn, hasSavepoint: false };
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#end(async (session) => {
      // A transaction in which a statement failed is rolled back by COMMIT, without an error.
      if ((await session.command('commit')) !== 'COMMIT')
        throw new AppError('internal', 'The transaction on the metadata had failed');
    });
  }

  /** Does nothing where the transaction has ended. */
  async rollback(): Promise<void> {
    await this.#end(rollback);
  }

  async #end(how: (session: MetadataSession) => Promise<void>): Promise<void> {
    const transaction = this.#transaction;
    if (!transaction) return;
    this.#transaction = undefined;
    try {
      await this.#inTurn(() => how(transaction.session));
    } finally {
      this.#sessions.give(transaction.session);
      transaction.endTurn();
    }
  }

  async #read({ sql, parameters }: CompiledQuery): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#sessions.take();
      try {
        return await session.run(sql, parameters);
      } catch (error) {
        if (attempt === ATTEMPTS || !mayTryAgain(error)) throw error;
      } finally {
        this.#sessions.give(session);
      }
    }
  }

  /** Tried again only where nothing can have been committed. */
  async #write({ sql, parameters }: CompiledQuery): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      let isCommitting = false;
      try {
        await this.begin();
        const answer = await this.#transaction!.session.run(sql, parameters);
        isCommitting = true;
        await this.commit();
        return answer;
      } catch (error) {
        await this.rollback();
        if (isCommitting || attempt === ATTEMPTS || !mayTryAgain(error)) throw error;
      }
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result;
    return result;
  }
}

/** A statement that fails takes back itself and not the transaction, as in SQLite. */
async function inside(transaction: Transaction, query: CompiledQuery): Promise<Answer> {
  const { session } = transaction;
  if (isRead(query)) return session.run(query.sql, query.parameters);
  const mark = transaction.hasSavepoint
    ? 'release savepoint statement; savepoint statement'
    : 'savepoint statement';
  transaction.hasSavepoint = true;
  try {
    // Sent together: the savepoint costs no round trip.
    const [, answer] = await Promise.all([session.command(mark), session.run(query.sql, query.parameters)]);
    return answer;
  } catch (error) {
    if (session.usable) await session.command('rollback to savepoint statement');
    throw error;
  }
}

/** The server rolls back by itself when the session ends; what made the work fail stays the error. */
async function rollback(session: MetadataSession): Promise<void> {
  if (!session.usable) return;
  await session.command('rollback').catch(() => session.close());
}
