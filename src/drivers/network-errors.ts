import { AppError } from '../base/errors.ts';

/** Codes of the operating system, Bun and the drivers: what is said, and a word for programs. */
const WORDS: Readonly<Record<string, readonly [reason: string, detail: string]>> = {
  ENOTFOUND: ['nameNotFound', 'There is no host of that name'],
  EAI_AGAIN: ['nameNotFound', 'The name of the host could not be looked up'],
  EAI_NODATA: ['nameNotFound', 'There is no host of that name'],
  DNS_ENOTFOUND: ['nameNotFound', 'There is no host of that name'],
  DNS_ENODATA: ['nameNotFound', 'There is no host of that name'],
  DNS_ESERVFAIL: ['nameNotFound', 'The name of the host could not be looked up'],
  DNS_ETIMEOUT: ['nameNotFound', 'The name of the host could not be looked up'],
  ECONNREFUSED: ['refused', 'The host refused the connection: nothing listens at that port'],
  EHOSTUNREACH: ['noRoute', 'There is no way through the network to the host'],
  ENETUNREACH: ['noRoute', 'There is no way through the network to the host'],
  ETIMEDOUT: ['timeout', 'The server did not answer in time'],
  ECONNRESET: ['lost', 'The server closed the connection'],
  EPIPE: ['lost', 'The server closed the connection'],
  CONNECTION_CLOSED: ['lost', 'The server closed the connection'],
  CONNECTION_ENDED: ['lost', 'The connection was closed'],
  CONNECTION_DESTROYED: ['lost', 'The connection was closed'],
  CONNECT_TIMEOUT: ['timeout', 'The server did not answer in time'],
  PROTOCOL_CONNECTION_LOST: ['lost', 'The server closed the connection'],
};

/** The error of a socket as an AppError; undefined where the code is none of a socket. */
export function knownNetworkError(cause: unknown): AppError | undefined {
  const known = WORDS[String((cause as { code?: unknown } | undefined)?.code)];
  return known && new AppError('datasource.unreachable', known[1], { cause, params: { reason: known[0] } });
}

export const networkError = (cause: unknown): AppError =>
  knownNetworkError(cause) ??
  new AppError('datasource.unreachable', 'The connection to the server failed', {
    cause,
    params: { reason: 'failed' },
  });

export const connectTimeout = () =>
  new AppError('datasource.unreachable', 'The server did not answer in time', {
    params: { reason: 'timeout' },
  });

export const connectionLost = (cause?: unknown) =>
  new AppError('datasource.unreachable', 'The server closed the connection', {
    cause,
    params: { reason: 'lost' },
  });
