import type { Socket } from 'node:net';
import postgres from 'postgres';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import { connectionLost } from '../network-errors.ts';
import { openSocket } from './socket.ts';

export interface ConnectionOptions {
  applicationName: string;
  /** How values are sent and read, by object id of the type. */
  types: Readonly<Record<string, unknown>>;
}

/** The library's client with one connection that lives once: what was lost is never made again behind a transaction's back. */
export class SingleConnection {
  readonly sql: postgres.Sql;
  #socket: Socket | undefined;
  #isOpen = true;
  /** Called with the number of bytes that came, before the library reads them. */
  onBytes: ((count: number) => void) | undefined;

  constructor(
    settings: DatasourceSettings,
    { applicationName, types }: ConnectionOptions,
    signal: AbortSignal,
  ) {
    this.sql = postgres({
      host: settings.host,
      port: settings.port,
      database: settings.database,
      user: settings.user,
      password: settings.password ?? '',
      max: 1,
      ssl: false,
      // Named statements would be looked for on another connection behind PgBouncer.
      prepare: false,
      fetch_types: false,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 0,
      onnotice: () => undefined,
      onclose: () => this.close(),
      types,
      connection: { application_name: applicationName },
      // Called anew when the library would connect again by itself.
      socket: async () => {
        if (this.#socket || !this.#isOpen) throw connectionLost();
        try {
          this.#socket = await openSocket(settings, signal);
        } catch (error) {
          // The library would queue what comes next for a connection that never is.
          this.#isOpen = false;
          throw error;
        }
        this.#socket.on('data', (data: Buffer) => this.onBytes?.(data.length));
        return this.#socket;
      },
    } as unknown as postgres.Options<Record<string, never>>);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Undefined before the first statement. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** Once; without waiting for what runs. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.onBytes = undefined;
    void this.sql.end({ timeout: 0 }).finally(() => this.#socket?.destroy());
  }
}
