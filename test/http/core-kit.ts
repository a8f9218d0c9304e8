import { type AnyElysia, Elysia } from 'elysia';
import Type from 'typebox';
import { systemClock } from '../../src/base/clock.ts';
import { AppError } from '../../src/base/errors.ts';
import { readConfig } from '../../src/config.ts';
import { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { Principal } from '../../src/domain/principal.ts';
import { QuerySpec } from '../../src/domain/query-spec.ts';
import { type AppDeps, createApp } from '../../src/http/app.ts';
import { contextOf, requireScope } from '../../src/http/context.ts';
import { listen } from '../../src/http/server.ts';
import { std, stdQuery } from '../../src/http/validate.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const principal = (role: Principal['role'], scopes: Principal['scopes']): Principal => ({
  userId: `usr_${role}`,
  role,
  scopes,
  via: { kind: 'session', id: 'ses_1' },
});

/** Two known tokens; anything else is refused. */
export async function authenticate(credentials: { authorization?: string }): Promise<Principal | undefined> {
  switch (credentials.authorization) {
    case undefined:
      return undefined;
    case 'Bearer admin':
      return principal('admin', ['read', 'write', 'admin']);
    case 'Bearer viewer':
      return principal('viewer', ['read']);
    case 'Bearer writer':
      return principal('editor', ['write']);
    case 'Bearer nothing':
      return principal('viewer', []);
    default:
      throw new AppError('auth.invalid', 'The token is not valid');
  }
}

export const VIEWER = { authorization: 'Bearer viewer' };
export const ADMIN = { authorization: 'Bearer admin' };
export const AS_JSON = { ...VIEWER, 'content-type': 'application/json' };

const closed = { additionalProperties: false } as const;
const Probe = std(Type.Object({ a: Type.Number(), list: Type.Optional(Type.Array(Type.Integer())) }, closed));
const Page = stdQuery(
  Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      deep: Type.Optional(Type.Boolean()),
      search: Type.Optional(Type.String()),
      tag: Type.Optional(Type.Array(Type.String())),
    },
    closed,
  ),
);
const Code = std(Type.Object({ code: Type.String({ pattern: '^[a-z]+$' }) }, closed));
const detail = { summary: 'A probe', tags: ['service'] };

export const LONG_TEXT = 'an answer, over and over; '.repeat(400);
export const LATE_BYTES = 16 * 1024 * 1024;
export const SECRET = 'SELECT secret FROM /var/lib/inner';

function failing() {
  return new Elysia({ prefix: '/fail' })
    .get('/error', () => Promise.reject(new Error(SECRET)), { detail })
    .get(
      '/text',
      () => {
        throw SECRET;
      },
      { detail },
    )
    .get(
      '/nothing',
      () => {
        throw undefined;
      },
      { detail },
    )
    .get('/bigint', () => ({ a: 1n }), { detail })
    .get(
      '/busy',
      () => {
        throw new AppError('overloaded', 'Later', { retryAfterS: 2.5, cause: new Error(SECRET) });
      },
      { detail },
    )
    .get(
      '/forged',
      () => {
        throw new AppError('query.failed', 'It failed', { params: { status: 200, code: 'x', rows: 3 } });
      },
      { detail },
    );
}

/** Routes that show what the core does with each kind of request and answer. */
export function probeRoutes(gate: { opened: Promise<void> }) {
  return new Elysia({ prefix: '/probe' })
    .use(failing())
    .post('/body', ({ body }) => ({ body }), { body: Probe, detail })
    .post('/spec', ({ body }) => ({ body }), { body: std(QuerySpec), detail })
    .post('/pivot', ({ body }) => ({ body }), { body: std(PivotSpec), detail })
    .post('/raw', async ({ request }) => ({ bytes: (await request.bytes()).length }), {
      parse: 'none',
      detail,
    })
    .get('/page', ({ query }) => ({ query }), { query: Page, detail })
    .get('/code/:code', ({ params }) => params, { params: Code, detail })
    .get('/any/:name', ({ params }) => params, { detail })
    .get(
      '/whence',
      ({ request }) => {
        const { address, scheme, host, requestId } = contextOf(request);
        return { address, scheme, host, requestId };
      },
      { detail },
    )
    .get('/text', () => new Response(LONG_TEXT, { headers: { 'content-type': 'text/plain' } }), { detail })
    .get(
      '/tagged',
      () =>
        new Response(LONG_TEXT, {
          headers: {
            'content-type': 'text/csv',
            'content-length': String(LONG_TEXT.length),
            etag: '"v1"',
          },
        }),
      { detail },
    )
    .get('/long', () => ({ text: LONG_TEXT }), { detail })
    .get('/short', () => ({ text: 'short' }), { detail })
    .get('/picture', () => new Response(new Uint8Array(5000), { headers: { 'content-type': 'image/png' } }), {
      detail,
    })
    .get(
      '/rows',
      () => {
        const text = new TextEncoder();
        const body = new ReadableStream({
          async start(controller) {
            controller.enqueue(text.encode('first\n'));
            await gate.opened;
            controller.enqueue(text.encode('last\n'));
            controller.close();
          },
        });
        return new Response(body, { headers: { 'content-type': 'text/csv' } });
      },
      { detail },
    )
    .post(
      '/made',
      ({ set, cookie }) => {
        set.status = 201;
        set.headers.location = '/api/probe/any/x';
        cookie.sid?.set({ value: 'v', httpOnly: true, path: '/api' });
        return { id: 'x' };
      },
      { detail },
    )
    .delete(
      '/gone',
      ({ set }) => {
        set.status = 204;
      },
      { detail },
    )
    .get(
      '/late',
      async () => {
        await gate.opened;
        const bytes = new Uint8Array(LATE_BYTES).fill(0x61);
        return new Response(bytes, { headers: { 'content-length': String(LATE_BYTES) } });
      },
      { detail },
    )
    .get('/admin', ({ request }) => requireScope(request, 'admin'), { detail });
}

export interface Started extends AsyncDisposable {
  url: string;
  port: number;
  logged: Record<string, unknown>[];
  metrics: AppDeps['metrics'];
  elysia: AnyElysia;
  inFlight(): number;
  openGate(): void;
  stop(graceMs: number): Promise<void>;
}

/** The core on a free port, with probe routes. */
export async function start(env: Record<string, string> = {}, deps: Partial<AppDeps> = {}): Promise<Started> {
  const logged: Record<string, unknown>[] = [];
  const log = createLog('debug', (line) => logged.push(JSON.parse(line)));
  const config = readConfig({ PORT: '0', ...env });
  const metrics = createMetrics();
  const gate = Promise.withResolvers<void>();
  const app = createApp({
    config,
    log,
    metrics,
    clock: systemClock,
    version: '9.9.9',
    authenticate,
    checks: { metadata: async () => undefined },
    stats: async () => ({ queries: 0 }),
    role: () => 'web',
    routes: [probeRoutes({ opened: gate.promise })],
    ...deps,
  });
  const server = listen(app, config, log);
  return {
    url: server.url,
    port: server.port,
    logged,
    metrics,
    elysia: app.elysia,
    inFlight: app.inFlight,
    openGate: gate.resolve,
    stop: (graceMs) => server.stop({ graceMs }),
    [Symbol.asyncDispose]: () => server.stop({ graceMs: 0 }),
  };
}

/** Sends bytes as they are and reads until the server closes; for what `fetch` would never send. */
export async function sendRaw(port: number, text: string | Uint8Array): Promise<string> {
  const ended = Promise.withResolvers<void>();
  let received = '';
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data: (_, data) => {
        received += data.toString('latin1');
        if (complete(received)) ended.resolve();
      },
      close: () => ended.resolve(),
      error: () => ended.resolve(),
    },
  });
  socket.write(text);
  socket.flush();
  await ended.promise;
  socket.end();
  return received;
}

function complete(received: string): boolean {
  const head = received.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(received)?.[1];
  return head >= 0 && length !== undefined && received.length >= head + 4 + Number(length);
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  pointer?: string;
  requestId: string;
  in?: string;
  errors?: { pointer: string; message: string }[];
  [param: string]: unknown;
}
