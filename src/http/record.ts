import { type Code, describe } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RequestContext } from './context.ts';
import { STATUS } from './problem.ts';
import type { RouteEntry } from './route-table.ts';

/** Answered whatever runs. */
export const HEALTH = '/api/healthz';
/** Asked again and again by machines. */
export const QUIET = new Set([HEALTH, '/api/readyz', '/api/metrics']);
/** The label of a path that is none. */
export const UNKNOWN = 'unknown';
/** Of the server's failures, those that are answers and no news to an operator. */
const EXPECTED = new Set<Code>(['overloaded', 'query.not_built', 'query.unsupported', 'query.timeout']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Of a route's label, only methods that it takes: whoever asks for all others must not make series without end. */
export function shownMethod(method: string, route: RouteEntry | undefined): string {
  if (route && method !== 'OPTIONS') return route.methods.has(method) ? method : 'OTHER';
  return METHODS.has(method) ? method : 'OTHER';
}

/** prom-client looks labels up by sorting and joining them; here that is done once a route, method and status. */
function requestCounter(metrics: Metrics) {
  const known = new Map<string, { inc(): void; observe(seconds: number): void }>();
  return (route: string, method: string, status: number, seconds: number) => {
    const key = `${method} ${status} ${route}`;
    let one = known.get(key);
    if (!one) {
      const counter = metrics.httpRequests.labels({ route, method, status });
      const histogram = metrics.httpSeconds.labels({ route, method });
      one = { inc: () => counter.inc(), observe: (value) => histogram.observe(value) };
      known.set(key, one);
    }
    one.inc();
    one.observe(seconds);
  };
}

/** What of a request is counted and logged. */
export type Recorded = Pick<
  RequestContext,
  'address' | 'fault' | 'principal' | 'requestId' | 'route' | 'span'
>;

/** Counts and logs requests with their answers; `startedMs` is by performance.now(). */
export function requestRecorder(log: Log, metrics: Metrics) {
  const count = requestCounter(metrics);
  return (request: Request, context: Recorded, response: Response, startedMs: number): void => {
    const ms = performance.now() - startedMs;
    const route = context.route?.pattern ?? UNKNOWN;
    count(route, shownMethod(request.method, context.route), response.status, ms / 1000);
    const bytes = response.headers.get('content-length');
    const fields = {
      requestId: context.requestId,
      method: request.method,
      route,
      status: response.status,
      ms: Math.round(ms * 100) / 100,
      ...(bytes === null ? {} : { bytes: Number(bytes) }),
      address: context.address,
      userId: context.principal?.userId,
      code: context.fault?.code,
      ...(context.span ? { traceId: context.span.traceId } : {}),
    };
    log[QUIET.has(route) && response.status < 400 ? 'debug' : 'info']('http.request', fields);
    const { fault } = context;
    if (!fault || STATUS[fault.code] < 500 || EXPECTED.has(fault.code)) return;
    const cause = describe(fault.cause ?? fault);
    log.error('http.failed', { requestId: context.requestId, route, code: fault.code, cause });
  };
}
