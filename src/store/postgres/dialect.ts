import { createHash } from 'node:crypto';
import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { AppError } from '../../base/errors.ts';
import { Semaphore, WaitTimeout } from '../../base/semaphore.ts';
import { ConnectionPool, POOL_TIMES } from '../../drivers/connection-pool.ts';
import type { MetadataAddress } from './address.ts';
import { MetadataConnection, type Sessions } from './connection.ts';
import { metadataError } from './errors.ts';
import type { ReadLease } from './read-lease.ts';
import { MetadataSession, type SessionLimits } from './session.ts';

export interface PoolLimits extends SessionLimits {
  poolSize: number;
  /** For a session, and for the turn to write. */
  waitMs: number;
}

/** Of all locks that programs agree on in a database, the one of this schema's metadata. */
function lockKey(schema: string): bigint {
  return createHash('sha256').update(`reporting-api metadata ${schema}`).digest().readBigInt64BE(0);
}

function sessionsOf(address: MetadataAddress, limits: PoolLimits, lease: ReadLease) {
  const pool = new ConnectionPool<MetadataSession>({
    open: (signal) => MetadataSession.open(address, limits, signal),
    size: limits.poolSize,
    maxOverflow: 0,
    waitMs: limits.waitMs,
    times: POOL_TIMES,
    onEvent: () => undefined,
  });
  const turns = new Semaphore(1, Number.POSITIVE_INFINITY);
  const never = new AbortController().signal;
  const sessions: Sessions = {
    begin: `begin isolation level read committed read write; select pg_advisory_xact_lock(${lockKey(address.schema)})`,
    take: () =>
      pool.acquire(never).catch((error: unknown) => {
        throw metadataError(error);
      }),
    give: (session) => pool.release(session),
    async turn() {
      const endTurn = await turns.acquire(limits.waitMs).catch((error: unknown) => {
        if (!(error instanceof WaitTimeout)) throw error;
        throw new AppError('storage.busy', 'Other work of this process writes the metadata for too long', {
          retryAfterS: 5,
        });
      });
      const written = lease.write();
      return () => {
        written();
        endTurn();
      };
    },
  };
  return { sessions, close: () => pool.close() };
}

class MetadataDriver implements Driver {
  readonly #sessions: Sessions;
  readonly #close: () => Promise<void>;

  constructor(address: MetadataAddress, limits: PoolLimits, lease: ReadLease) {
    const { sessions, close } = sessionsOf(address, limits, lease);
    this.#sessions = sessions;
    this.#close = close;
  }

  init = async () => undefined;
  releaseConnection = async () => undefined;

  async acquireConnection(): Promise<DatabaseConnection> {
    return new MetadataConnection(this.#sessions);
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as MetadataConnection).begin();
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as MetadataConnection).commit();
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as MetadataConnection).rollback();
  }

  destroy(): Promise<void> {
    return this.#close();
  }
}

/**
 * PostgreSQL that behaves as our SQLite does: who writes is alone. Each transaction takes one advisory lock first, for its length.
 * `kysely-postgres-js` would go on with another connection in the middle of a transaction whose own was lost.
 */
export class MetadataDialect implements Dialect {
  constructor(
    readonly address: MetadataAddress,
    readonly limits: PoolLimits,
    readonly lease: ReadLease,
  ) {}

  createAdapter = () => new PostgresAdapter();
  createDriver = () => new MetadataDriver(this.address, this.limits, this.lease);
  createIntrospector = (db: Kysely<never>) => new PostgresIntrospector(db);
  createQueryCompiler = () => new PostgresQueryCompiler();
}
