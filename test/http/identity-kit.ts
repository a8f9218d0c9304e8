import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/domain/principal.ts';
import { createApp } from '../../src/http/app.ts';
import { apiKeysRoutes } from '../../src/http/routes/api-keys.ts';
import { auditRoutes } from '../../src/http/routes/audit.ts';
import { authRoutes } from '../../src/http/routes/auth.ts';
import { usersRoutes } from '../../src/http/routes/users.ts';
import { createIdentity, type Identity } from '../../src/services/identity.ts';
import { type Db, openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';

export const SECRET = 'k9'.repeat(20);
export const PASSWORD = 'correct horse battery';
/** Of PASSWORD, cheap to check. */
const CHEAP = { algorithm: 'argon2id', memoryCost: 1024, timeCost: 1 } as const;
const START = Date.parse('2026-03-01T12:00:00Z');

export class FakeClock implements Clock {
  constructor(public ms = START) {}
  now() {
    return this.ms;
  }
  advanceS(seconds: number) {
    this.ms += seconds * 1000;
  }
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of a body
  body: any;
  headers: Headers;
  text: string;
}

export interface Call {
  headers?: Record<string, string>;
  body?: unknown;
  address?: string;
}

export interface IdentityApp extends AsyncDisposable {
  folder: string;
  path: string;
  db: Db;
  store: Store;
  clock: FakeClock;
  metrics: Metrics;
  identity: Identity;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** Makes a user with PASSWORD and gives the headers of a signed-in one. */
  as(role: Role, email?: string): Promise<{ id: string; email: string; headers: { authorization: string } }>;
}

export interface KitOptions {
  env?: Record<string, string>;
  /** Another process on the same metadata. */
  folder?: string;
  secretKey?: string;
}

/** The real app over metadata in a temporary folder, with a clock of its own. */
export async function startIdentity({
  env = {},
  folder,
  secretKey = SECRET,
}: KitOptions = {}): Promise<IdentityApp> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'identity-')));
  const path = join(home, 'meta.sqlite');
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const [store, clock, metrics] = [createStore(db), new FakeClock(), createMetrics()];
  const config = readConfig(env);
  const identity = createIdentity({ store, clock, metrics, log: silentLog, options: config, secretKey });
  const app = createApp({
    config,
    log: silentLog,
    metrics,
    clock,
    version: '0',
    authenticate: (credentials) => identity.authenticator.authenticate(credentials),
    checks: {},
    stats: async () => ({}),
    role: () => 'web',
    routes: [
      authRoutes({ signIn: identity.signIn, clock }),
      usersRoutes(identity),
      apiKeysRoutes(identity),
      auditRoutes(identity),
    ],
  });

  async function call(
    method: string,
    where: string,
    { headers = {}, body, address = '203.0.113.1' }: Call = {},
  ) {
    const request = new Request(`http://localhost/api${where}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await app.fetch(request, { address });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  return {
    folder: home,
    path,
    db,
    store,
    clock,
    metrics,
    identity,
    call,
    async as(role, email = `${role}@example.com`) {
      const at = new Date(clock.ms).toISOString();
      const id = newId('usr', clock.ms);
      const passwordHash = await Bun.password.hash(PASSWORD, CHEAP);
      const times = { createdAt: at, updatedAt: at };
      await store.users.insert({ id, email, name: role, role, disabled: false, ...times, passwordHash });
      const { body } = await call('POST', '/auth/login', { body: { email, password: PASSWORD } });
      return { id, email, headers: { authorization: `Bearer ${body.token}` } };
    },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      if (folder === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/** The cookies of an answer, by name, with their attributes. */
export function cookiesOf(answer: Answer): Record<string, { value: string; attributes: string }> {
  return Object.fromEntries(
    answer.headers.getSetCookie().map((line) => {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      return [name, { value, attributes: attributes.join('; ') }];
    }),
  );
}

/** The value of a counter's series. */
export async function counted(
  metrics: Metrics,
  name: string,
  labels: Record<string, string>,
): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  const found = metric?.values.find(({ labels: given }) =>
    Object.entries(labels).every(([label, value]) => given[label] === value),
  );
  return found?.value ?? 0;
}
