import { type AnyElysia, Elysia } from 'elysia';
import { type Clock, iso } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/trace.ts';
import { type Authenticate, accessGuard } from './access.ts';
import { checkDeclaredLength, readJsonBody } from './body.ts';
import { contextOf } from './context.ts';
import { corsPlugin } from './cors.ts';
import { checkDecidingHeaders } from './deciding-headers.ts';
import { faultOf } from './faults.ts';
import { createFront, type Peer } from './front.ts';
import { jsonAnswer } from './json-answer.ts';
import { problemResponse } from './problem.ts';
import { checkPathParams, replaceQuery } from './query-string.ts';
import { routeTable } from './route-table.ts';
import { docsRoutes } from './routes/docs.ts';
import { serviceRoutes } from './routes/service.ts';

export type AppConfig = Pick<
  Config,
  | 'APP_ENV'
  | 'BACKEND_BASE_URL'
  | 'CONN_LIMIT'
  | 'CORS_ORIGINS'
  | 'FORWARDED_ALLOW_IPS'
  | 'IDENT'
  | 'MAX_BODY_BYTES'
  | 'METRICS_ALLOW_IPS'
  | 'METRICS_TOKEN'
  | 'UPLOAD_MAX_BYTES'
>;

export interface AppDeps {
  config: AppConfig;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  version: string;
  tracer?: Tracer | undefined;
  authenticate: Authenticate;
  /** By name: undefined when ready, else what is wrong. */
  checks: Record<string, () => Promise<string | undefined>>;
  /** As `checks`, of parts that are told of and make nobody unready. */
  told?: Record<string, () => Promise<string | undefined>>;
  stats: () => Promise<Record<string, unknown>>;
  /** What this process is at the moment, such as `leader`, `standby` or `web`. */
  role: () => string;
  /** The process is about to end. */
  isStopping?: () => boolean;
  /** The metrics as text, where they are not those of this process alone. */
  metricsText?: () => Promise<string>;
  /** Whether some process runs scheduled jobs; without it, none does. */
  isSchedulerAlive?: () => boolean;
  /** Whether some process starts scheduled work. */
  isScheduled?: () => boolean;
  /** Plugins with paths relative to `/api`. */
  routes: readonly AnyElysia[];
}

export interface App {
  elysia: AnyElysia;
  /** Answers any request; never rejects. */
  fetch(request: Request, peer: Peer): Promise<Response>;
  /** Requests whose answer is not finished. */
  inFlight(): number;
  /** Requests that were answered so far. */
  requests(): number;
}

interface Gate {
  /** Throws where the request may not go on, before anything of its body is read. */
  admit(request: Request): Promise<void>;
  /** Resolves when a request whose body has come may go on. */
  turn(): Promise<void> | undefined;
}

/** What describes the API is loaded when somebody asks for it. */
async function describe(elysia: AnyElysia, version: string): Promise<object> {
  const { describeApi } = await import('./docs/openapi.ts');
  return describeApi(elysia, version);
}

function buildElysia(deps: AppDeps, gate: Gate): AnyElysia {
  const { config, metrics } = deps;
  const elysia: AnyElysia = new Elysia({ prefix: '/api', handler: { standardHostname: false } }) // hosts may be shorter than four letters
    .use(corsPlugin(config.CORS_ORIGINS))
    .onRequest(async ({ request }) => gate.admit(request))
    .onParse(async ({ request }) => {
      const { route, bodyWasRead } = contextOf(request);
      if (route?.rawBody.has(request.method)) return null;
      const body = await readJsonBody(request, config, metrics);
      bodyWasRead?.();
      await gate.turn();
      return body;
    })
    // Elysia reads the parameter list: naming the whole context would make it parse cookies and copy each Response.
    .onTransform(({ params, query, request }) => {
      checkPathParams(params);
      replaceQuery(query as Record<string, unknown>, request.url);
    })
    .mapResponse(({ responseValue, set }) => jsonAnswer(responseValue, set.status))
    .onError(({ error, request }) => {
      const fault = faultOf(error);
      const context = contextOf(request);
      context.fault = fault;
      return problemResponse(fault, context.requestId);
    })
    .use(serviceRoutes(deps))
    .use(docsRoutes({ document: () => describe(elysia, deps.version) }));
  for (const plugin of deps.routes) elysia.use(plugin);
  return elysia;
}

/** The whole HTTP surface, without a socket: `listen` of server.ts gives it one. */
export function createApp(deps: AppDeps): App {
  const { config, metrics } = deps;
  const guard = accessGuard({
    development: config.APP_ENV === 'dev',
    metricsToken: config.METRICS_TOKEN,
    metricsAllowIps: config.METRICS_ALLOW_IPS,
    authenticate: deps.authenticate,
  });
  const admit = async (request: Request) => {
    checkDecidingHeaders(request);
    const { route } = contextOf(request);
    if (!route) throw new AppError('route.notFound', 'There is no such endpoint');
    if (!route.methods.has(request.method)) {
      const allow = [...route.methods].sort();
      throw new AppError('route.method', `This endpoint takes ${allow.join(', ')}`, { params: { allow } });
    }
    front.refuseOverload(route);
    await guard(request, route);
    checkDeclaredLength(request, route.rawBody.has(request.method), config, metrics);
  };
  const elysia = buildElysia(deps, { admit, turn: () => front.turn() });
  const routes = elysia.routes.filter(({ method }) => method !== 'OPTIONS');
  const front = createFront({
    ...deps,
    findRoute: routeTable(routes),
    handle: (request) => elysia.fetch(request),
  });
  deps.log.debug('http.ready', { routes: routes.length, at: iso(deps.clock.now()) });
  return { elysia, fetch: front.fetch, inFlight: front.inFlight, requests: front.requests };
}
