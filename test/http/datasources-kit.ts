import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { Seal } from '../../src/base/seal.ts';
import { readConfig } from '../../src/config.ts';
import type { DatasourceConnection, TableColumn, TableInfo } from '../../src/domain/datasource.ts';
import { ENGINE_TABLE } from '../../src/drivers/engine-table.ts';
import { createApp } from '../../src/http/app.ts';
import { datasourcesRoutes } from '../../src/http/routes/datasources.ts';
import { Audit } from '../../src/services/audit.ts';
import { DatasourceTests } from '../../src/services/datasource-tests.ts';
import { Datasources } from '../../src/services/datasources.ts';
import { managedDatasources } from '../../src/services/managed-datasources.ts';
import { resealAll } from '../../src/services/reseal.ts';
import type { SourceAccess } from '../../src/services/source-access.ts';
import { SourceCatalog } from '../../src/services/source-catalog.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createStore } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { ADMIN, authenticate } from './core-kit.ts';

export const SECRET = 'k9'.repeat(20);

/** What was asked of the databases, in order. */
export interface Asked {
  what: string;
  source: DatasourceConnection;
  with?: unknown;
}

export interface FakeAccess extends SourceAccess {
  asked: Asked[];
  forgotten: string[];
  /** Thrown by the next calls in place of an answer. */
  fault: AppError | undefined;
  /** Never answers; who the server is, not even when that is aborted. */
  hangs: boolean;
  tablesOf: TableInfo[];
  rightsOf: string[];
}

const COLUMNS: TableColumn[] = [
  { name: 'id', type: 'integer', nativeType: 'bigint', nullable: false, keyPosition: 1 },
  { name: 'note', type: 'text', nativeType: 'text', nullable: true, comment: 'free text' },
];

/** Databases that answer the same always: the wiring is under test here, not the drivers. */
export function fakeAccess(): FakeAccess {
  const fake: FakeAccess = {
    asked: [],
    forgotten: [],
    fault: undefined,
    hangs: false,
    rightsOf: [],
    tablesOf: [
      { schema: 'public', name: 'orders', kind: 'table', estimatedRows: 12 },
      { schema: 'public', name: 'customers', kind: 'view' },
      { schema: 'audit', name: 'orders', kind: 'table' },
    ],
    facts: (source, signal) =>
      answer({ what: 'facts', source }, signal, {
        version: 'PostgreSQL 15.4',
        product: 'postgres',
        capabilities: { groupingSets: true },
      }),
    rights: (source, signal) => answer({ what: 'rights', source }, signal, fake.rightsOf),
    schemas: (source, signal) => answer({ what: 'schemas', source }, signal, ['public', 'audit']),
    tables: (source, schema, signal) =>
      answer(
        { what: 'tables', source, with: schema },
        signal,
        fake.tablesOf.filter((table) => schema === undefined || table.schema === schema),
      ),
    columns(source, table, signal) {
      if (table.name === 'missing')
        return Promise.reject(new AppError('resource.notFound', 'There is no table missing'));
      return answer({ what: 'columns', source, with: table }, signal, COLUMNS);
    },
    preview: (source, table, signal) =>
      answer({ what: 'preview', source, with: table }, signal, {
        columns: [{ name: 'id', type: 'integer' as const }],
        rows: [['9007199254740993'], [null]],
      }),
    stats: async () => ({ inUse: 1, idle: 2, waiting: 0, created: 3, failed: 0 }),
    forget: (id) => void fake.forgotten.push(id),
  };
  async function answer<T>(asked: Asked, signal: AbortSignal, value: T): Promise<T> {
    fake.asked.push(asked);
    if (fake.fault) throw fake.fault;
    if (fake.hangs && asked.what === 'facts') return new Promise(() => undefined);
    if (fake.hangs)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return value;
  }
  return fake;
}

export interface Answer {
  status: number;
  text: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of a body
  body: any;
}

export interface SourcesOptions {
  env?: Record<string, string>;
  /** Another start on the same metadata. */
  folder?: string;
  secretKey?: string;
}

export type Sources = Awaited<ReturnType<typeof startSources>>;

/** The app with its datasources over metadata in a temporary folder. */
export async function startSources({ env = {}, folder, secretKey = SECRET }: SourcesOptions = {}) {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'sources-')));
  const path = join(home, 'meta.sqlite');
  const logged: string[] = [];
  const log = createLog('debug', (line) => logged.push(line));
  const db = await openDatabase(path);
  await migrate(db, path, log);
  const [store, metrics, access] = [createStore(db), createMetrics(), fakeAccess()];
  const config = readConfig({ PORT: '0', ...env });
  const clock = { offsetMs: 0, now: () => systemClock.now() + clock.offsetMs };
  const audit = new Audit(store, clock);
  const seal = new Seal(secretKey, config.SECRET_KEY_PREVIOUS);
  const managed = managedDatasources(config, ENGINE_TABLE, seal);
  const engines = ENGINE_TABLE;
  const datasources = new Datasources({ store, access, seal, engines, managed, audit, clock, log });
  const tests = new DatasourceTests({
    ...{ datasources, access, engines, audit, clock, metrics },
    timeoutS: config.DATASOURCE_TEST_SECONDS,
  });
  const catalog = new SourceCatalog({
    ...{ datasources, access, clock, metrics },
    keepMs: config.DATASOURCE_CATALOG_SECONDS * 1000,
    timeoutS: config.DATASOURCE_LOOK_SECONDS,
  });
  const resealed = await resealAll(store, seal, log);
  const app = createApp({
    config,
    log,
    metrics,
    clock,
    version: '0',
    authenticate,
    checks: {},
    stats: async () => ({}),
    role: () => 'web',
    routes: [datasourcesRoutes({ datasources, tests, catalog })],
  });

  /** Every answer that was given, for what must be in none. */
  const answered: string[] = [];
  async function call(
    method: string,
    where: string,
    body?: unknown,
    headers: Record<string, string> = ADMIN,
  ): Promise<Answer> {
    const request = new Request(`http://localhost/api${where}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await app.fetch(request, { address: '203.0.113.1' });
    const text = await response.text();
    answered.push(`${JSON.stringify([...response.headers])} ${text}`);
    const parsed = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, text, headers: response.headers, body: parsed };
  }

  return {
    ...{
      folder: home,
      db,
      store,
      metrics,
      access,
      clock,
      datasources,
      catalog,
      resealed,
      logged,
      answered,
      call,
    },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      if (folder === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

export const PASSWORD = 'pässw%rd/:@?#[]&=+';
export const SETTINGS = {
  host: '127.0.0.1',
  port: 5432,
  database: 'erp',
  user: 'report',
  password: PASSWORD,
};
export const ERP = { name: 'erp', type: 'postgres', settings: SETTINGS };
