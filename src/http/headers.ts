import type { RequestContext } from './context.ts';

const FIXED: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-resource-policy', 'same-site'],
];
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What every answer carries, whoever made it. */
export function applyHeaders(
  headers: Headers,
  context: Pick<RequestContext, 'requestId' | 'scheme'>,
  pathname: string,
  ident: string,
): void {
  headers.set('x-request-id', context.requestId);
  for (const [name, value] of FIXED) headers.set(name, value);
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
  if (!headers.has('cache-control'))
    headers.set('cache-control', pathname.startsWith('/api/auth/') ? 'no-store' : 'private, no-cache');
  if (context.scheme === 'https') headers.set('strict-transport-security', 'max-age=31536000');
  if (ident !== '') headers.set('server', ident);
}

/** Adds to `Vary` what is not there yet. */
export function vary(headers: Headers, name: string): void {
  const present = headers.get('vary');
  if (!present) headers.set('vary', name);
  else if (
    !present
      .toLowerCase()
      .split(/\s*,\s*/)
      .includes(name.toLowerCase())
  )
    headers.set('vary', `${present}, ${name}`);
}
