import { timingSafeEqual } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { Principal } from '../domain/principal.ts';
import { contextOf, requireScope } from './context.ts';
import { networks } from './networks.ts';
import { scopeOfEndpoint } from './route-scopes.ts';
import type { RouteEntry } from './route-table.ts';

export interface Credentials {
  authorization?: string;
  apiKey?: string;
  cookie?: string;
  csrf?: string;
  method: string;
  address: string;
}

/** The caller behind the credentials; undefined when there are none. Throws AppError `auth.invalid` or `request.csrf`. */
export type Authenticate = (credentials: Credentials) => Promise<Principal | undefined>;

/** Readable without signing in; credentials are not even looked at. */
const OPEN = new Set(['GET /api/healthz', 'POST /api/auth/login', 'POST /api/auth/refresh']);
/** Readable without signing in, with more to see for those who are. */
const PARTLY_OPEN = new Set(['GET /api/readyz']);
/** For every signed-in caller; open in development. */
const DOCS = new Set([
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/docs/errors',
  'GET /api/docs/:asset',
]);
const METRICS = 'GET /api/metrics';

/** Who may call an endpoint, such as `GET /api/metrics`. */
export type Access = 'open' | 'partlyOpen' | 'docs' | 'metrics' | 'signedIn';

export function accessOf(endpoint: string): Access {
  if (OPEN.has(endpoint)) return 'open';
  if (PARTLY_OPEN.has(endpoint)) return 'partlyOpen';
  if (DOCS.has(endpoint)) return 'docs';
  return endpoint === METRICS ? 'metrics' : 'signedIn';
}

export interface AccessOptions {
  development: boolean;
  metricsToken: string | undefined;
  metricsAllowIps: readonly string[];
  authenticate: Authenticate;
}

function credentialsOf(request: Request): Credentials {
  const { headers, method } = request;
  const authorization = headers.get('authorization');
  const apiKey = headers.get('x-api-key');
  const cookie = headers.get('cookie');
  const csrf = headers.get('x-csrf-token');
  return {
    method,
    address: contextOf(request).address,
    ...(authorization === null ? {} : { authorization }),
    ...(apiKey === null ? {} : { apiKey }),
    ...(cookie === null ? {} : { cookie }),
    ...(csrf === null ? {} : { csrf }),
  };
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Default deny: puts the caller into the context, or throws AppError `auth.*` before anything of the request is read. */
export function accessGuard(options: AccessOptions): (request: Request, route: RouteEntry) => Promise<void> {
  const scrapers = networks(options.metricsAllowIps);

  function mayScrape(request: Request): boolean {
    const { address, forwarded } = contextOf(request);
    const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (options.metricsToken !== undefined && token !== undefined && sameText(token, options.metricsToken))
      return true;
    return !forwarded && scrapers.has(address);
  }

  return async (request, route) => {
    const name = `${request.method === 'HEAD' ? 'GET' : request.method} ${route.pattern}`;
    const access = accessOf(name);
    if (access === 'open' || (access === 'docs' && options.development)) return;
    if (access === 'metrics' && mayScrape(request)) return;
    const context = contextOf(request);
    context.principal = await options.authenticate(credentialsOf(request));
    if (access === 'partlyOpen') return;
    if (!context.principal) throw new AppError('auth.required', 'Sign in, or send an API key');
    const scope = scopeOfEndpoint(name);
    if (scope) requireScope(request, scope);
    if (access === 'metrics' && !context.principal.scopes.includes('admin'))
      throw new AppError('auth.forbidden', 'This needs the right to admin', { params: { scope: 'admin' } });
  };
}
