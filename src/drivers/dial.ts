import { connect, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  type PeerCertificate,
} from 'node:tls';
import { AppError } from '../base/errors.ts';
import type { DatasourceSettings } from '../domain/datasource.ts';
import { networkError } from './network-errors.ts';

export const DEFAULT_CONNECT_TIMEOUT_S = 10;

export const connectTimeoutMs = (settings: DatasourceSettings) =>
  (settings.connectTimeoutS ?? DEFAULT_CONNECT_TIMEOUT_S) * 1000;

/** A TCP connection; ended when the signal aborts while it is made. */
export function dial(settings: DatasourceSettings, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: settings.host, port: settings.port });
    socket.setNoDelay(true);
    const leave = () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
    };
    const onAbort = () => {
      leave();
      socket.destroy();
      reject(signal.reason);
    };
    const onError = (error: Error) => {
      leave();
      reject(networkError(error));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      leave();
      resolve(socket);
    });
    signal.addEventListener('abort', onAbort);
  });
}

/** The name or address that the server's certificate must hold. */
export const certificateName = ({ host, tls }: DatasourceSettings) => tls?.serverName ?? host;

export function tlsOptions(settings: DatasourceSettings): ConnectionOptions {
  const { tls } = settings;
  const name = certificateName(settings);
  return {
    ...(isIP(name) ? { host: name } : { servername: name }),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    rejectUnauthorized: tls?.mode === 'verify',
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      tls?.mode === 'verify' ? checkServerIdentity(name, certificate) : undefined,
  };
}

/** Encrypts a connection as the settings say. Throws `datasource.tls`. */
export function encrypt(socket: Socket, settings: DatasourceSettings, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...tlsOptions(settings), socket });
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
      // After those who wait for it have heard why: the end of the socket would tell them less.
      setImmediate(() => {
        secure.destroy();
        socket.destroy();
      });
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(tlsError(error));
    const onClose = () => fail(tlsError(new Error('closed during the TLS handshake')));
    secure.once('error', onError);
    secure.once('close', onClose);
    secure.once('secureConnect', () => {
      const wrong = wrongName(secure.getPeerCertificate(), settings);
      if (wrong) return fail(tlsError(wrong));
      signal.removeEventListener('abort', onAbort);
      secure.removeListener('error', onError);
      secure.removeListener('close', onClose);
      resolve(secure);
    });
    signal.addEventListener('abort', onAbort);
  });
}

/** Asked again after the handshake: which name the library checked differs where a socket was handed to it. */
function wrongName(certificate: PeerCertificate, settings: DatasourceSettings): Error | undefined {
  return settings.tls?.mode === 'verify'
    ? checkServerIdentity(certificateName(settings), certificate)
    : undefined;
}

const TLS_WORDS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "The server's certificate is for another name",
  CERT_HAS_EXPIRED: "The server's certificate has expired",
  CERT_NOT_YET_VALID: "The server's certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The server's certificate is not signed by a trusted authority",
  SELF_SIGNED_CERT_IN_CHAIN: "The server's certificate is not signed by a trusted authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The server's certificate is not signed by a trusted authority",
  UNABLE_TO_GET_ISSUER_CERT: "The server's certificate is not signed by a trusted authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The server's certificate is not signed by a trusted authority",
};

export function tlsError(cause: unknown): AppError {
  const code = String((cause as { code?: unknown } | undefined)?.code ?? '');
  const detail = TLS_WORDS[code] ?? 'The encrypted connection could not be made';
  return new AppError('datasource.tls', detail, { cause });
}

export const noTls = () => new AppError('datasource.tls', 'The server does not offer encrypted connections');
