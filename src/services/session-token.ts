import { randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Lru } from '../base/lru.ts';
import { issues } from '../domain/schema.ts';
import { SignedText } from './signed-text.ts';

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

/** Claims of some thousand tokens; the size of one is an estimate. */
const VERIFIED_BYTES = 2 << 20;
const CLAIMS_BYTES = 300;
const KEY_PURPOSE = 'reporting-api session token v1';

/** The tokens of sessions, signed. */
export class SessionTokens {
  readonly #text: SignedText;
  /** What was signed stays signed. */
  readonly #verified = new Lru<Claims>(VERIFIED_BYTES);

  /** Signs with `secret`; tokens signed with `previous` are good until they expire. */
  constructor(secret: string, previous?: string) {
    this.#text = new SignedText(KEY_PURPOSE, secret, previous);
  }

  sign(claims: Omit<Claims, 'nonce'>): string {
    return this.#text.sign({ ...claims, nonce: randomBytes(18).toString('base64url') });
  }

  /** The claims of a token that we signed for this use and that has not expired. */
  verify(token: string, use: Claims['use'], nowMs: number): Claims | undefined {
    const claims = this.#verified.get(token) ?? this.#verify(token);
    return claims && claims.use === use && claims.expiresAtMs > nowMs ? claims : undefined;
  }

  #verify(token: string): Claims | undefined {
    const claims = this.#text.read(token) as Claims;
    if (issues(Claims, claims).length > 0) return undefined;
    this.#verified.set(token, claims, token.length + CLAIMS_BYTES);
    return claims;
  }
}
