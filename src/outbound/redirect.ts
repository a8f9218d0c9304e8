import { AppError } from '../base/errors.ts';
import type { Hop } from './exchange.ts';
import { parseTarget } from './guard.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** All that goes to another origin: whatever else was set may be a credential. */
const HARMLESS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'user-agent',
  'if-none-match',
  'if-modified-since',
]);

export const isRedirect = (status: number) => REDIRECTS.has(status);

const refused = (place: string, says: string) =>
  new AppError('outbound.redirect', `${place} ${says}`, { params: { host: place } });

/** The request that a redirect asks for. Throws `outbound.redirect` for one that would carry a body elsewhere or give up encryption. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop {
  const { url, place, isTls } = hop.target;
  if (location === undefined || !URL.canParse(location, url.href))
    throw refused(place, 'redirects without saying where to');
  const next = new URL(location, url.href);
  if (isTls && next.protocol === 'http:') throw refused(place, 'redirects to a place without encryption');
  const target = parseTarget(next.href);
  const isSameOrigin = next.origin === url.origin;
  const becomesGet = status === 303 || (status < 303 && hop.method === 'POST');
  if (hop.body && !becomesGet && !isSameOrigin)
    throw refused(place, 'redirects a request with a body to another origin');
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (isSameOrigin || HARMLESS.has(name)) && !(becomesGet && name === 'content-type'),
  );
  return {
    target,
    method: becomesGet ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    body: becomesGet ? undefined : hop.body,
  };
}
