import { afterAll, beforeAll, describe } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS, type Migration } from '../../src/store/migrations/all.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { lookInto } from './sqlite-file.ts';

/** Where metadata can be: a folder or a schema, which goes away with it. */
export interface Place extends AsyncDisposable {
  /** What METADATA_DB_PATH would be. */
  path: string;
  /** For files; SQLite's stands in it. */
  folder: string;
  /** What a client of the engine's own finds, a row a line, columns by `|`. */
  look(query: string): string[];
}

/** Metadata that is open, in a place of its own. */
export interface TestStore extends Place {
  db: Db;
  /** Another connection to the same metadata, as another process has it; closed with the store. */
  again(): Promise<Db>;
}

export interface StoreOptions {
  /** None leaves the metadata empty. */
  migrations?: readonly Migration[];
}

export type OpenStore = (options?: StoreOptions) => Promise<TestStore>;
export type StoreName = 'sqlite' | 'postgres';

async function openAt(place: Place, { migrations = MIGRATIONS }: StoreOptions = {}): Promise<TestStore> {
  const opened: Db[] = [];
  const again = async () => {
    const db = await openDatabase(place.path, { poolSize: 3 });
    opened.push(db);
    return db;
  };
  const db = await again();
  await migrate(db, place.path, silentLog, migrations);
  return {
    ...{ ...place, db, again },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function sqlitePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  const path = join(folder, 'meta.sqlite');
  return {
    path,
    folder,
    look: lookInto(path),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface MetadataServer extends AsyncDisposable {
  server: PostgresServer;
  /** A METADATA_DB_PATH of its own. */
  url(schema: string): string;
  look(query: string, schema: string): string[];
}

const DATABASE = 'meta';
const ROLE = 'reporting';

/**
 * A server as DEPLOY.md describes it: a role without rights of its own, and a database that orders text as English readers do, which the
 * metadata must not.
 */
export async function startMetadataServer(): Promise<MetadataServer> {
  const server = await startPostgres();
  const password = server.password.replaceAll("'", "''");
  server.admin(`create role ${ROLE} login password '${password}'`, 'postgres');
  server.admin(
    `create database ${DATABASE} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' owner ${ROLE}`,
    'postgres',
  );
  const secret = encodeURIComponent(server.password);
  const authority = `${ROLE}:${secret}@${server.host}:${server.port}`;
  return {
    server,
    url: (schema) =>
      `postgresql+psycopg://${authority}/${DATABASE}?sslmode=require&schema=${encodeURIComponent(schema)}`,
    look(query, schema) {
      const text = server.admin(`set search_path to "${schema}"; ${query}`, DATABASE);
      return text === '' ? [] : text.split('\n');
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function postgresPlace(meta: MetadataServer, schema: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  return {
    path: meta.url(schema),
    folder,
    look: (query) => meta.look(query, schema),
    async [Symbol.asyncDispose]() {
      meta.server.admin(`drop schema if exists "${schema}" cascade`, DATABASE);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const START_MS = 60_000;

/**
 * Defines a suite once for SQLite and once for a PostgreSQL server of its own. `open` gives migrated metadata that nobody else has, `place`
 * where some can be made. Files that use it
 * stand in `test/programs.ts` under postgres. Use it once a file.
 */
export function eachStore(
  define: (name: StoreName, open: OpenStore, place: () => Promise<Place>) => void,
): void {
  describe('on sqlite', () => {
    define('sqlite', async (options) => openAt(await sqlitePlace(), options), sqlitePlace);
  });
  describe('on postgres', () => {
    let meta: MetadataServer;
    let schemas = 0;
    beforeAll(async () => {
      meta = await startMetadataServer();
    }, START_MS);
    afterAll(() => meta[Symbol.asyncDispose](), START_MS);
    const place = () => postgresPlace(meta, `Suite ${++schemas}`);
    define('postgres', async (options) => openAt(await place(), options), place);
  });
}
