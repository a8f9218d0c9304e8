import type { Clock } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/trace.ts';
import { compressed } from './compress.ts';
import { type RequestContext, setContext } from './context.ts';
import { applyCors } from './cors.ts';
import { matchesEtag } from './etag.ts';
import { faultOf } from './faults.ts';
import { type OriginConfig, originReader } from './forwarded.ts';
import { applyHeaders, vary } from './headers.ts';
import { problemResponse } from './problem.ts';
import { HEALTH, QUIET, requestRecorder, shownMethod, UNKNOWN } from './record.ts';
import type { RouteEntry } from './route-table.ts';
import { onBodyEnd } from './stream-end.ts';
import { Turns } from './turns.ts';

/** The other end of the connection. */
export interface Peer {
  address: string;
  /** Lets the connection be silent for as long as the work takes. */
  mayBeSilent?(): void;
  /** Ends the connection unless its client takes what it is sent. */
  mustTake?(): void;
  /** The answer is made: the connection waits for another request from now on. */
  isIdle?(): void;
}

export interface FrontOptions {
  config: Pick<Config, 'CONN_LIMIT' | 'IDENT'> & OriginConfig;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  tracer?: Tracer | undefined;
  findRoute(pathname: string, method: string): RouteEntry | undefined;
  handle(request: Request): Response | Promise<Response>;
  /** The process is about to end: each answer is the last one of its connection. */
  isStopping?(): boolean;
}

const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,100}$/;
/** Work that may take long before its first byte. */
const SLOW = /^\/api\/(?:quer(?:y|ies)|ai|mcp)(?:\/|$)/;

/**
 * The path as the router cuts it out of the URL. Bun gives `http://` and the host in front, or nothing where the header is not there (HTTP/1.0) or no
 * host.
 */
export function pathOf(url: string): string {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', 'http://'.length);
  const end = url.indexOf('?', start + 1);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}

/** The router takes whole URLs only. */
function withHost(request: Request): Request {
  if (request.headers.has('host') || !request.url.startsWith('/')) return request;
  return new Request(`http://localhost${request.url}`, request);
}

function spanOf(tracer: Tracer, { method, headers }: Request, { route, requestId }: RequestContext) {
  const shown = shownMethod(method, route);
  const pattern = route?.pattern ?? UNKNOWN;
  return tracer.start(`${shown} ${pattern}`, 'server', headers.get('traceparent'), {
    'http.request.method': shown,
    'http.route': pattern,
    'reporting.request_id': requestId,
  });
}

/** What stands around every request: context, counting, headers, log. */
export function createFront(options: FrontOptions) {
  const { config, log, metrics, clock } = options;
  const readOrigin = originReader(config);
  const record = requestRecorder(log, metrics);
  const turns = new Turns();
  let inFlight = 0;
  let requests = 0;

  function contextFor(request: Request, peer: Peer, pathname: string): RequestContext {
    const given = request.headers.get('x-request-id');
    const context: RequestContext = {
      ...readOrigin(request, peer.address),
      requestId: given && REQUEST_ID.test(given) ? given : newId('req', clock.now()),
      startedAtMs: clock.now(),
      principal: undefined,
      route: options.findRoute(pathname, request.method),
    };
    if (options.tracer && !QUIET.has(pathname)) context.span = spanOf(options.tracer, request, context);
    setContext(request, context);
    return context;
  }

  async function answer(request: Request, context: RequestContext): Promise<Response> {
    try {
      if (context.route?.pattern !== HEALTH) await turns.take();
      return await options.handle(request);
    } catch (error) {
      context.fault = faultOf(error);
      return problemResponse(context.fault, context.requestId);
    }
  }

  /** Nothing else tells why: the status was sent before, and the client only sees its connection end. */
  function brokenOff({ requestId, route }: RequestContext, error: unknown): AppError {
    const fault = faultOf(error);
    const cause = describe(fault.cause ?? fault);
    log.warning('http.brokenOff', { requestId, route: route?.pattern ?? UNKNOWN, code: fault.code, cause });
    return fault;
  }

  function finish(
    request: Request,
    context: RequestContext,
    raw: Response,
    pathname: string,
  ): Response | Promise<Response> {
    applyCors(raw.headers, context.corsHeaders);
    applyHeaders(raw.headers, context, pathname, config.IDENT);
    vary(raw.headers, 'Origin');
    const unchanged =
      raw.status === 200 && matchesEtag(request.headers.get('if-none-match'), raw.headers.get('etag'));
    if (unchanged) return notModified(raw);
    return compressed(request, raw);
  }

  async function fetch(received: Request, peer: Peer): Promise<Response> {
    const startedMs = performance.now();
    const given = withHost(received);
    const pathname = pathOf(given.url);
    const context = contextFor(given, peer, pathname);
    const isSlow = SLOW.test(pathname);
    if (context.route?.rawBody.has(given.method) || (isSlow && given.body === null)) peer.mayBeSilent?.();
    else if (isSlow) context.bodyWasRead = () => peer.mayBeSilent?.();
    metrics.httpInFlight.set(++inFlight);
    const leave = () => {
      metrics.httpInFlight.set(--inFlight);
      requests++;
      peer.isIdle?.();
    };
    let response = await answer(given, context);
    try {
      response = await finish(given, context, response, pathname);
    } catch (error) {
      context.fault = faultOf(error);
      response = problemResponse(context.fault, context.requestId);
      applyHeaders(response.headers, context, pathname, config.IDENT);
    }
    if (options.isStopping?.()) response.headers.set('connection', 'close');
    record(given, context, response, startedMs);
    context.span?.set({ 'http.response.status_code': response.status });
    const pace = isSlow ? peer : {};
    return onBodyEnd(given, response, pace, (broken) => {
      if (broken !== undefined) context.fault = brokenOff(context, broken);
      const failed = broken !== undefined || response.status >= 500;
      context.span?.end(failed ? (context.fault?.code ?? String(response.status)) : undefined);
      leave();
    });
  }

  return {
    fetch,
    inFlight: () => inFlight,
    requests: () => requests,
    /** Where a request goes on after a wait: resolves when it may. */
    turn: () => turns.take(),
    /** Throws AppError `overloaded` past CONN_LIMIT; health is always answered. */
    refuseOverload(route: RouteEntry): void {
      if (inFlight <= config.CONN_LIMIT || route.pattern === HEALTH) return;
      metrics.limitsHit.inc({ limit: 'CONN_LIMIT' });
      throw new AppError('overloaded', 'The process has as many requests in progress as it may', {
        params: { limit: 'CONN_LIMIT' },
        retryAfterS: 1,
      });
    },
  };
}

async function notModified(raw: Response): Promise<Response> {
  if (!raw.headers.has('content-length')) await raw.body?.cancel();
  const headers = new Headers(raw.headers);
  for (const name of ['content-length', 'content-type', 'content-encoding']) headers.delete(name);
  return new Response(null, { status: 304, headers });
}
