import { ISOLATION_LEVEL, Request } from 'tedious';
import { AppError } from '../../base/errors.ts';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import { connectTimeoutMs } from '../dial.ts';
import { SourceConnection } from './connection.ts';
import { connectError, statementError } from './errors.ts';

/** Below the 16 KB of a TLS record, so that a packet travels in one. */
const PACKET_BYTES = 16_000;
/** A cancel that the server does not confirm in this time ends the connection. */
const CANCEL_MS = 5000;
/** Seconds of `LOCK_TIMEOUT`; few steps, so that it seldom has to be set anew. */
const LOCK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

const ISOLATION: Readonly<Record<string, number>> = {
  readCommitted: ISOLATION_LEVEL.READ_COMMITTED!,
  readUncommitted: ISOLATION_LEVEL.READ_UNCOMMITTED!,
  snapshot: ISOLATION_LEVEL.SNAPSHOT!,
};

function tlsOptions({ tls, options }: DatasourceSettings) {
  const mode = tls?.mode ?? 'off';
  if (mode === 'off') return { encrypt: false };
  const strict = options?.encrypt === 'strict';
  if (strict && mode === 'require')
    throw new AppError(
      'datasource.tls',
      'Strict encryption always verifies the certificate: use TLS mode verify',
    );
  const trusting = mode === 'require';
  const serverName = tls?.serverName;
  return {
    encrypt: strict ? ('strict' as const) : true,
    trustServerCertificate: trusting,
    ...(serverName === undefined ? {} : { serverName }),
    cryptoCredentialsDetails: { minVersion: 'TLSv1.2' as const, ...(tls?.ca ? { ca: tls.ca } : {}) },
  };
}

function connectionOptions(settings: DatasourceSettings, applicationName: string) {
  const { options = {}, port, database } = settings;
  const instance = options.instanceName;
  return {
    ...(typeof instance === 'string' ? { instanceName: instance } : { port }),
    ...tlsOptions(settings),
    database,
    appName: applicationName,
    connectTimeout: connectTimeoutMs(settings),
    cancelTimeout: CANCEL_MS,
    requestTimeout: 0,
    packetSize: PACKET_BYTES,
    readOnlyIntent: options.applicationIntent !== 'ReadWrite',
    multiSubnetFailover: options.multiSubnetFailover === true,
    connectionIsolationLevel: ISOLATION[String(options.isolation ?? 'readCommitted')]!,
    // A write that slips through begins a transaction, as with ODBC and JDBC without autocommit, and `endTransaction` undoes it.
    enableImplicitTransactions: true,
    abortTransactionOnError: true,
    maxRetriesOnTransientErrors: 0,
    useUTC: true,
    lowerCaseGuids: true,
  };
}

/** One connection to the server, logged in. */
export class Session {
  #lockTimeoutMs = -1;
  #closed = false;
  /** Statements that were begun on it. */
  used = 0;

  private constructor(
    readonly connection: SourceConnection,
    onEnd: (session: Session) => void,
  ) {
    connection.on('end', () => {
      this.#closed = true;
      onEnd(this);
    });
    // 'end' follows, and the running request fails with the reason.
    connection.on('error', () => this.close());
  }

  static async open(
    settings: DatasourceSettings,
    applicationName: string,
    onEnd: (session: Session) => void,
  ): Promise<Session> {
    const connection = new SourceConnection({
      server: settings.host,
      authentication: {
        type: 'default',
        options: { userName: settings.user, password: settings.password ?? '' },
      },
      options: connectionOptions(settings, applicationName),
    });
    let number: number | undefined;
    connection.on('errorMessage', (token) => {
      number = token.number;
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    connection.connect((error) => (error ? reject(connectError(error, number)) : resolve()));
    await promise;
    connection.removeAllListeners('errorMessage');
    return new Session(connection, onEnd);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.connection.close();
  }

  /** Runs a statement of ours that yields nothing. */
  async command(text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const request = new Request(text, (error) => (error ? reject(statementError(error)) : resolve()));
    const timer = setTimeout(() => request.cancel(), CANCEL_MS);
    this.connection.execSqlBatch(request);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** How long a statement may wait for a lock: at least `timeoutMs`; the statement's own deadline is kept by the client. */
  async limitLocks(timeoutMs: number): Promise<void> {
    const seconds = LOCK_STEPS_S.find((step) => step * 1000 >= timeoutMs) ?? Math.ceil(timeoutMs / 1000);
    if (seconds * 1000 === this.#lockTimeoutMs) return;
    await this.command(`SET LOCK_TIMEOUT ${seconds * 1000}`);
    this.#lockTimeoutMs = seconds * 1000;
  }

  /** Undoes whatever the statement did, and lets its locks go. */
  endTransaction(): Promise<void> {
    return this.command('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
  }
}
