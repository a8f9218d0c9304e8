import { cors } from '@elysiajs/cors';
import { Elysia } from 'elysia';
import { contextOf } from './context.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const ALLOWED = [
  'Authorization',
  'Content-Type',
  'X-Api-Key',
  'X-Csrf-Token',
  'X-Request-Id',
  'If-None-Match',
  'If-Match',
  'Cache-Control',
  'Prefer',
  'Mcp-Protocol-Version',
];
const EXPOSED = ['X-Request-Id', 'ETag', 'Retry-After', 'Content-Disposition', 'Location'];

/** Origins as browsers send them, in lower case. */
export const originSet = (origins: readonly string[]) =>
  new Set(origins.map((origin) => origin.toLowerCase().replace(/\/+$/, '')));

/** Whether pages of an origin may call, as `CORS_ORIGINS` has it. */
export function originCheck(origins: readonly string[]): (origin: string) => boolean {
  const allowed = originSet(origins);
  return (origin) => allowed.has('*') || allowed.has(origin.toLowerCase());
}

/** Browsers of these origins may call; `*` lets any, without cookies. An unknown origin is never reflected. */
export function corsPlugin(origins: readonly string[]) {
  const any = origins.includes('*');
  const isAllowed = originCheck(origins);
  return new Elysia({ name: 'cors' })
    .use(
      cors({
        origin: any ? '*' : (request) => isAllowed(request.headers.get('origin') ?? ''),
        methods: METHODS as never,
        allowedHeaders: ALLOWED,
        exposeHeaders: EXPOSED,
        credentials: !any,
        maxAge: 600,
      }),
    )
    .onRequest(({ request, set }) => {
      // Left in `set`, they would make Elysia copy each Response that a handler made.
      contextOf(request).corsHeaders = set.headers as Record<string, string>;
      set.headers = {};
    });
}

/** Puts what the plugin found onto the answer; without an allowed origin only `Vary` is left. */
export function applyCors(headers: Headers, found: Record<string, string> | undefined): void {
  const entries = found ? Object.entries(found) : [...headers];
  const granted = found ? found['access-control-allow-origin'] : headers.get('access-control-allow-origin');
  for (const [name, value] of entries) {
    if (!name.startsWith('access-control-')) continue;
    if (granted) headers.set(name, value);
    else headers.delete(name);
  }
}
