import { createHmac, hkdfSync } from 'node:crypto';
import { sameSecret } from './secrets.ts';

const MAX_LENGTH = 1000;

const mac = (key: Buffer, payload: string) => createHmac('sha256', key).update(payload).digest('base64url');

/**
 * Values as `<payload>.<mac>`: JSON and its HMAC-SHA-256, both in base64url. There is one algorithm and no header, so none can be chosen by the
 * sender. The signature is compared as text, so that a signed text has one spelling only.
 */
export class SignedText {
  readonly #keys: readonly [Buffer, ...Buffer[]];

  /** Signs with a key derived from `secret` for this purpose; what was signed with `previous` is read too. */
  constructor(purpose: string, secret: string, previous?: string) {
    const keyFrom = (text: string) => Buffer.from(hkdfSync('sha256', text, '', purpose, 32));
    this.#keys = [keyFrom(secret), ...(previous ? [keyFrom(previous)] : [])];
  }

  sign(value: object): string {
    const payload = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${payload}.${mac(this.#keys[0], payload)}`;
  }

  /** The value of a text that we signed. */
  read(text: string): unknown {
    if (text.length > MAX_LENGTH) return undefined;
    const [payload, signature, ...more] = text.split('.');
    if (!payload || !signature || more.length > 0) return undefined;
    if (!this.#keys.some((key) => sameSecret(signature, mac(key, payload)))) return undefined;
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
  }
}
