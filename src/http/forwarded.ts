import type { Config } from '../config.ts';
import { networks, normalAddress } from './networks.ts';

export interface Origin {
  address: string;
  scheme: 'http' | 'https';
  host: string;
  /** A proxy handed the request on, whether believed or not. */
  forwarded: boolean;
}

const FORWARDING_HEADERS = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'x-real-ip',
  'via',
];
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const PORT = /^\d{1,5}$/;
const MAX_HOPS = 64;

const firstOf = (value: string | null) => value?.split(',')[0]?.trim();

function schemeOf(headers: Headers): 'http' | 'https' {
  return firstOf(headers.get('x-forwarded-proto'))?.toLowerCase() === 'https' ? 'https' : 'http';
}

function hostOf(headers: Headers, own: string, scheme: 'http' | 'https'): string {
  const given = firstOf(headers.get('x-forwarded-host'));
  const host = given && HOST.test(given) ? given : own;
  const port = firstOf(headers.get('x-forwarded-port'));
  if (!given || !port || !PORT.test(port) || /:\d+$/.test(host)) return host;
  return port === (scheme === 'https' ? '443' : '80') ? host : `${host}:${port}`;
}

/** From the right, past the proxies we trust; a value that is no address ends the walk. */
function clientOf(chain: string | null, peer: string, trusted: (address: string) => boolean): string {
  let client = peer;
  for (const hop of (chain ?? '').split(',').slice(-MAX_HOPS).reverse()) {
    if (!trusted(client)) break;
    const address = normalAddress(hop);
    if (address === undefined) break;
    client = address;
  }
  return client;
}

export type OriginConfig = Pick<Config, 'BACKEND_BASE_URL' | 'FORWARDED_ALLOW_IPS'>;

/**
 * Where a request really comes from; `X-Forwarded-*` counts only when the peer is one of FORWARDED_ALLOW_IPS. What is reached by HTTPS, as
 * BACKEND_BASE_URL says, is so whatever a proxy leaves out.
 */
export function originReader({
  BACKEND_BASE_URL,
  FORWARDED_ALLOW_IPS,
}: OriginConfig): (request: Request, peer: string) => Origin {
  const { has } = networks(FORWARDED_ALLOW_IPS);
  const least = BACKEND_BASE_URL?.toLowerCase().startsWith('https:') ? 'https' : 'http';
  return (request, peerText) => {
    const { headers } = request;
    const peer = normalAddress(peerText) ?? peerText;
    const ownHost = headers.get('host') ?? '';
    const own = HOST.test(ownHost) ? ownHost : 'localhost';
    const forwarded = FORWARDING_HEADERS.some((name) => headers.has(name));
    if (!forwarded || !has(peer)) return { address: peer, scheme: least, host: own, forwarded };
    const scheme = least === 'https' ? least : schemeOf(headers);
    return {
      address: clientOf(headers.get('x-forwarded-for'), peer, has),
      scheme,
      host: hostOf(headers, own, scheme),
      forwarded,
    };
  };
}
