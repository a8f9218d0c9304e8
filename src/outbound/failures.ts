import { AppError } from '../base/errors.ts';

/** Where a request was going, as it may be told: no path, no query, no credentials. */
export type Place = string;

export const blocked = (place: Place, reason: string, says: string) =>
  new AppError('outbound.blocked', `${place} ${says}`, { params: { reason, host: place } });

const UNREACHABLE: Readonly<Record<string, readonly [reason: string, says: string]>> = {
  ENOTFOUND: ['nameNotFound', 'cannot be found: there is no host of that name'],
  EAI_AGAIN: ['nameNotFound', 'cannot be found: its name could not be looked up'],
  EAI_NODATA: ['nameNotFound', 'cannot be found: there is no host of that name'],
  DNS_ENOTFOUND: ['nameNotFound', 'cannot be found: there is no host of that name'],
  DNS_ENODATA: ['nameNotFound', 'cannot be found: there is no host of that name'],
  DNS_ESERVFAIL: ['nameNotFound', 'cannot be found: its name could not be looked up'],
  DNS_ETIMEOUT: ['nameNotFound', 'cannot be found: its name could not be looked up'],
  ECONNREFUSED: ['refused', 'refused the connection: nothing listens at that port'],
  EHOSTUNREACH: ['noRoute', 'cannot be reached: there is no way through the network'],
  ENETUNREACH: ['noRoute', 'cannot be reached: there is no way through the network'],
  ETIMEDOUT: ['timeout', 'did not answer in time'],
  ECONNRESET: ['lost', 'closed the connection'],
  EPIPE: ['lost', 'closed the connection'],
};

const UNTRUSTED = 'has a certificate that no trusted authority signed';
const TLS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
};

/** Before a byte of the request is sent: another address of the same name may be tried. */
const OF_CONNECTING = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL']);

const codeOf = (cause: unknown) => String((cause as { code?: unknown } | undefined)?.code ?? '');

export const isOfConnecting = (cause: unknown) =>
  cause instanceof AppError
    ? cause.params?.limit === 'OUTBOUND_CONNECT_SECONDS'
    : OF_CONNECTING.has(codeOf(cause));

/** What a socket, TLS or the parser of answers threw, as an AppError; an AppError stays what it is. */
export function outboundError(cause: unknown, place: Place): AppError {
  if (cause instanceof AppError) return cause;
  const code = codeOf(cause);
  const tls = TLS[code];
  if (tls) return new AppError('outbound.tls', `${place} ${tls}`, { cause, params: { host: place } });
  if (/^(?:ERR_SSL|ERR_TLS|EPROTO|CERT_)/.test(code))
    return new AppError('outbound.tls', `${place} could not be reached by an encrypted connection`, {
      cause,
      params: { host: place },
    });
  if (/^ERR_(?:INVALID_CHAR|INVALID_HTTP_TOKEN|UNESCAPED_CHARACTERS)$/.test(code))
    return new AppError(
      'request.invalid',
      'The request has a method, path or header that HTTP cannot carry',
      {
        cause,
      },
    );
  if (/^(?:HPE_|Z_|ERR_ZLIB|ERR__?BROTLI)/.test(code)) return badAnswer(place, cause);
  const [reason, says] = UNREACHABLE[code] ?? ['failed', 'could not be reached'];
  return new AppError('outbound.unreachable', `${place} ${says}`, { cause, params: { reason, host: place } });
}

export const badAnswer = (place: Place, cause?: unknown) =>
  new AppError('outbound.answer', `${place} gave an answer that breaks the rules of HTTP`, {
    cause,
    params: { host: place },
  });

export const cutOff = (place: Place, cause?: unknown) =>
  new AppError('outbound.answer', `${place} closed the connection in the middle of its answer`, {
    cause,
    params: { host: place, reason: 'cutOff' },
  });

export const tooLarge = (place: Place, maxBytes: number, limit: string) =>
  new AppError('outbound.tooLarge', `The answer of ${place} is larger than ${maxBytes} bytes`, {
    params: { host: place, limit, maxBytes },
  });

export const timedOut = (place: Place, seconds: number, limit: string, what: string) =>
  new AppError('outbound.timeout', `${place} ${what} ${seconds} s`, {
    params: { host: place, limit, seconds },
  });
