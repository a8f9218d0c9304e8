import { AppError } from '../base/errors.ts';
import type { Principal, Scope } from '../domain/principal.ts';
import type { Span } from '../telemetry/trace.ts';
import type { RouteEntry } from './route-table.ts';

/** What is known of a request before its route runs; made by the app's first hook. */
export interface RequestContext {
  requestId: string;
  /** The client's own address, behind trusted proxies too. */
  address: string;
  scheme: 'http' | 'https';
  host: string;
  startedAtMs: number;
  /** A proxy handed the request on. */
  forwarded?: boolean;
  route?: RouteEntry | undefined;
  /** What went wrong, for the log. */
  fault?: AppError;
  /** What CORS adds to the answer. */
  corsHeaders?: Record<string, string>;
  /** To be called when the request's JSON body was read: from then on the connection may be silent. */
  bodyWasRead?: () => void;
  principal: Principal | undefined;
  /** The request in a trace; undefined where tracing is off. */
  span?: Span | undefined;
}

const contexts = new WeakMap<Request, RequestContext>();

export function setContext(request: Request, context: RequestContext): void {
  contexts.set(request, context);
}

export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error('the request has no context: it did not come through the app');
  return context;
}

/** The signed-in caller, if it has the scope; else AppError `auth.required` or `auth.forbidden`. */
export function requireScope(request: Request, scope: Scope): Principal {
  const { principal } = contextOf(request);
  if (!principal) throw new AppError('auth.required', 'Sign in, or send an API key');
  if (!principal.scopes.includes(scope))
    throw new AppError('auth.forbidden', `This needs the right to ${scope}`, { params: { scope } });
  return principal;
}
