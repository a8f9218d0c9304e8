import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Lru } from '../base/lru.ts';
import { issues } from '../domain/schema.ts';
import { sameSecret } from './secrets.ts';

const Claims = Type.Object(
  {
    use: Type.Enum(['access', 'refresh']),
    session: Type.String({ minLength: 1, maxLength: 100 }),
    /** Milliseconds since 1970. */
    expiresAtMs: Type.Integer(),
    nonce: Type.String({ maxLength: 100 }),
  },
  { additionalProperties: false },
);
export type Claims = Static<typeof Claims>;

const MAX_LENGTH = 1000;
/** Claims of some thousand tokens; the size of one is an estimate. */
const VERIFIED_BYTES = 2 << 20;
const CLAIMS_BYTES = 300;
const KEY_PURPOSE = 'reporting-api session token v1';

const keyFrom = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', KEY_PURPOSE, 32));

function decode(payload: string): Claims | undefined {
  const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return issues(Claims, value).length === 0 ? (value as Claims) : undefined;
}

/**
 * Tokens of the form `<claims>.<mac>`: JSON and its HMAC-SHA-256, both in base64url. There is one algorithm and no header, so
 * none can be chosen by the sender. The signature is compared as text, so that a token has one spelling only.
 */
export class SessionTokens {
  readonly #keys: readonly [Buffer, ...Buffer[]];
  /** What was signed stays signed. */
  readonly #verified = new Lru<Claims>(VERIFIED_BYTES);

  /** Signs with `secret`; tokens signed with `previous` are good until they expire. */
  constructor(secret: string, previous?: string) {
    this.#keys = [keyFrom(secret), ...(previous ? [keyFrom(previous)] : [])];
  }

  sign(claims: Omit<Claims, 'nonce'>): string {
    const nonce = randomBytes(18).toString('base64url');
    const payload = Buffer.from(JSON.stringify({ ...claims, nonce })).toString('base64url');
    return `${payload}.${mac(this.#keys[0], payload)}`;
  }

  /** The claims of a token that we signed for this use and that has not expired. */
  verify(token: string, use: Claims['use'], nowMs: number): Claims | undefined {
    if (token.length > MAX_LENGTH) return undefined;
    const claims = this.#verified.get(token) ?? this.#verify(token);
    return claims && claims.use === use && claims.expiresAtMs > nowMs ? claims : undefined;
  }

  #verify(token: string): Claims | undefined {
    const [payload, signature, ...more] = token.split('.');
    if (!payload || !signature || more.length > 0) return undefined;
    if (!this.#keys.some((key) => sameSecret(signature, mac(key, payload)))) return undefined;
    const claims = decode(payload);
    if (claims) this.#verified.set(token, claims, token.length + CLAIMS_BYTES);
    return claims;
  }
}

function mac(key: Buffer, payload: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}
