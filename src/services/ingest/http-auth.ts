import { orAborted } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { HttpAuth } from '../../domain/http-source.ts';
import type { OutboundAnswer, OutboundClient } from '../../outbound/client.ts';
import type { NamedSecrets } from '../named-secrets.ts';
import { sha256 } from '../secrets.ts';
import type { BuiltRequest } from './request-template.ts';
import { isRetried, tryAgain } from './retry.ts';

export interface HttpAuthDeps {
  outbound: OutboundClient;
  secrets: Pick<NamedSecrets, 'open'>;
  clock: Clock;
}

type OAuth = Extract<HttpAuth, { type: 'oauth2ClientCredentials' }>;

interface Token {
  text: string;
  expiresMs: number;
}

const TOKEN_BYTES = 64 << 10;
const DEFAULT_EXPIRY_S = 300;
/** Of its life, what a token is used for: it must not expire on its way. */
const USED_SHARE = 0.9;

function tokenFault({ place, status, headers }: OutboundAnswer, nowMs: number): Error {
  const params = { sourceStatus: status, host: place };
  if (isRetried(status, undefined))
    return tryAgain(
      new AppError('source.http', `${place} was asked for a token and answered with status ${status}`, {
        pointer: '/source/auth/tokenUrl',
        params,
      }),
      headers['retry-after'],
      nowMs,
    );
  return new AppError('source.auth', `${place} refused the client's id or secret with status ${status}`, {
    pointer: '/source/auth',
    params,
  });
}

const unusable = (place: string, says: string) =>
  new AppError('source.auth', `${place} ${says}`, { pointer: '/source/auth', params: { host: place } });

/** Throws AppError `request.invalid` for a token's URL that is none. */
export function checkAuth(auth: HttpAuth | undefined): void {
  if (auth?.type !== 'oauth2ClientCredentials') return;
  const pointer = '/source/auth/tokenUrl';
  if (
    !/^https?:\/\//i.test(auth.tokenUrl) ||
    !URL.canParse(auth.tokenUrl) ||
    new URL(auth.tokenUrl).username !== ''
  )
    throw new AppError('request.invalid', `${pointer} must be a URL that begins with http:// or https://`, {
      pointer,
    });
}

/** Adds what a source wants to see. Tokens of OAuth 2 are kept in memory until shortly before they expire. */
export class HttpAuthenticator {
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(readonly deps: HttpAuthDeps) {}

  /** Throws `secret.missing`, `outbound.blocked` for a secret that is for other hosts, `source.auth`, `outbound.*`. */
  async apply(auth: HttpAuth | undefined, request: BuiltRequest, signal: AbortSignal): Promise<void> {
    if (!auth) return;
    const open = (name: string, field: string) =>
      this.deps.secrets.open(name, request.url.hostname, `/source/auth/${field}`);
    const { headers } = request;
    switch (auth.type) {
      case 'bearer':
        headers.authorization = `Bearer ${await open(auth.token.secret, 'token')}`;
        break;
      case 'header':
        headers[auth.name.toLowerCase()] = `${auth.prefix ?? ''}${await open(auth.value.secret, 'value')}`;
        break;
      case 'query':
        request.url.searchParams.set(auth.name, await open(auth.value.secret, 'value'));
        break;
      case 'basic':
        headers.authorization = basic(auth.user, await open(auth.password.secret, 'password'));
        break;
      case 'oauth2ClientCredentials':
        headers.authorization = `Bearer ${(await this.#token(auth, signal)).text}`;
        break;
    }
  }

  /** Whether a refused request is worth another with a new token; the old one is forgotten. */
  async renew(auth: HttpAuth | undefined): Promise<boolean> {
    if (auth?.type !== 'oauth2ClientCredentials') return false;
    return this.#tokens.delete((await this.#keyed(auth)).key);
  }

  /** One that lives, or a new one. All runs share it: it is asked for apart from them, so that the abort of one ends no other. */
  async #token(auth: OAuth, signal: AbortSignal): Promise<Token> {
    const { key, secret } = await this.#keyed(auth);
    const known = this.#tokens.get(key);
    const token = known && (await orAborted(known, signal));
    if (token && token.expiresMs > this.deps.clock.now()) return token;
    const latest = this.#tokens.get(key);
    return orAborted(latest && latest !== known ? latest : this.#askAnew(key, auth, secret), signal);
  }

  #askAnew(key: string, auth: OAuth, secret: string): Promise<Token> {
    const asked = this.#ask(auth, secret);
    this.#tokens.set(key, asked);
    asked.catch(() => {
      if (this.#tokens.get(key) === asked) this.#tokens.delete(key);
    });
    return asked;
  }

  async #keyed(auth: OAuth): Promise<{ key: string; secret: string }> {
    const host = new URL(auth.tokenUrl).hostname;
    const secret = await this.deps.secrets.open(auth.clientSecret.secret, host, '/source/auth/clientSecret');
    return { key: sha256(JSON.stringify([auth, secret])), secret };
  }

  async #ask(auth: OAuth, secret: string): Promise<Token> {
    const { outbound, clock } = this.deps;
    const { tokenUrl, clientId, scope, audience, credentialsIn = 'header' } = auth;
    const inBody = credentialsIn === 'body';
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
      ...(audience === undefined ? {} : { audience }),
      ...(inBody ? { client_id: clientId, client_secret: secret } : {}),
    });
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      // RFC 6749, 2.3.1: both are form-encoded before they are joined.
      ...(inBody ? {} : { authorization: basic(encodeURIComponent(clientId), encodeURIComponent(secret)) }),
    };
    const answer = await outbound.send({
      ...{ purpose: 'ingest', method: 'POST', url: tokenUrl, headers, body: form.toString() },
      // OUTBOUND_TIMEOUT_SECONDS ends it.
      signal: new AbortController().signal,
      maxBytes: TOKEN_BYTES,
    });
    if (answer.status !== 200) {
      await answer.discard();
      throw tokenFault(answer, clock.now());
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return tokenIn(Buffer.concat(chunks).toString(), answer.place, clock.now());
  }
}

function tokenIn(text: string, place: string, nowMs: number): Token {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw unusable(place, 'answered with a token that is not JSON');
  }
  const { access_token: token, expires_in: expires } = (answer ?? {}) as Record<string, unknown>;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw unusable(place, 'gave no usable access_token');
  const seconds = Number(expires) > 0 ? Number(expires) : DEFAULT_EXPIRY_S;
  return { text: token, expiresMs: nowMs + seconds * 1000 * USED_SHARE };
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
