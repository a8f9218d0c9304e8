import {
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { parseAddress } from './address.ts';
import { blocked, outboundError, timedOut } from './failures.ts';
import type { Target } from './guard.ts';

export interface Hop {
  target: Target;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | undefined;
}

export interface ExchangeOptions {
  connectMs: number;
  idleMs: number;
  /** Authorities beside the system's, in PEM. */
  ca: readonly string[] | undefined;
  signal: AbortSignal;
}

const sameAddress = (a: string, b: string) => parseAddress(a)?.toString() === parseAddress(b)?.toString();

/** Gives the one address whatever is asked, so that a second look at the name cannot lead elsewhere. */
const pinned = (address: string): LookupFunction => {
  const family = parseAddress(address)?.kind() === 'ipv6' ? 6 : 4;
  return (_name, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family);
};

function optionsOf(
  { target, method, headers, body }: Hop,
  address: string,
  ca: ExchangeOptions['ca'],
): RequestOptions {
  const { url, host, isAddress, port, isTls } = target;
  const length = body ? { 'content-length': String(body.length) } : {};
  return {
    host,
    port,
    method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, ...length },
    agent: false,
    lookup: pinned(address),
    ...(isTls
      ? {
          rejectUnauthorized: true,
          ...(isAddress ? {} : { servername: host }),
          ...(ca ? { ca: [...ca] } : {}),
        }
      : {}),
  };
}

/**
 * One request at one checked address, up to the head of its answer. The environment's proxies are not used, nothing is decompressed and no
 * redirect is followed. Rejects with an AppError, with the socket's error where no connection was made, or with the signal's reason.
 */
export function exchange(hop: Hop, address: string, options: ExchangeOptions): Promise<IncomingMessage> {
  const { target } = hop;
  const { signal, connectMs, idleMs, ca } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request: ClientRequest = (target.isTls ? tlsRequest : plainRequest)(optionsOf(hop, address, ca));
    const fail = (error: unknown) => {
      leave();
      reject(error);
      request.destroy();
    };
    const late = () =>
      fail(timedOut(target.place, idleMs / 1000, 'OUTBOUND_IDLE_SECONDS', 'said nothing for'));
    const unconnected = () =>
      fail(timedOut(target.place, connectMs / 1000, 'OUTBOUND_CONNECT_SECONDS', 'took no connection within'));
    let timer = setTimeout(unconnected, connectMs);
    const onAbort = () => fail(signal.reason);
    const leave = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    const onConnect = (socket: Socket) => {
      if (!sameAddress(socket.remoteAddress ?? '', address))
        return fail(
          blocked(target.place, 'address', 'was reached at another address than the one that was checked'),
        );
      clearTimeout(timer);
      timer = setTimeout(late, idleMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => onConnect(socket));
      else onConnect(socket);
    });
    request.once('response', (response) => {
      leave();
      resolve(response);
    });
    request.on('error', (error) => {
      leave();
      reject(error);
    });
    request.end(hop.body);
  });
}

/** An error of an exchange as the caller gets it. */
export const exchangeError = (cause: unknown, { place }: Target, signal: AbortSignal): unknown =>
  signal.aborted ? signal.reason : outboundError(cause, place);
