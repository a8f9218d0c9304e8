import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from './errors.ts';

const VERSION = 'v1';
const SEALING = 'reporting-api sealed secret v1';
const NAMING = 'reporting-api seal key id v1';
const MARKING = 'reporting-api fingerprint v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FINGERPRINT_BYTES = 6;

const derive = (secret: string, purpose: string, bytes: number) =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));

interface Key {
  id: string;
  bytes: Buffer;
}

const keyOf = (secret: string): Key => ({
  id: derive(secret, NAMING, 6).toString('hex'),
  bytes: derive(secret, SEALING, 32),
});

const unreadable = (detail: string, cause?: unknown) => new AppError('storage.sealed', detail, { cause });

/**
 * Seals secrets at rest: `v1.<keyId>.<iv>.<cipher and tag>`, AES-256-GCM under a key derived from SECRET_KEY. The place (whose
 * and which field) is authenticated, so that a sealed text opens only where it was sealed for.
 */
export class Seal {
  readonly #current: Key;
  readonly #keys: ReadonlyMap<string, Key>;
  readonly #marking: Buffer;

  /** Seals with `secret`; what was sealed with `previous` opens too. */
  constructor(secret: string, previous?: string) {
    this.#current = keyOf(secret);
    const keys = [...(previous ? [keyOf(previous)] : []), this.#current];
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#marking = derive(secret, MARKING, 32);
  }

  seal(plain: string, place: string): string {
    const { id, bytes } = this.#current;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', bytes, iv);
    cipher.setAAD(Buffer.from(`${VERSION}.${id}|${place}`));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, id, iv.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** Throws AppError `storage.sealed` when it was sealed with another key or for another place, or was changed. */
  open(text: string, place: string): string {
    const [version, id = '', iv = '', sealed = '', ...more] = text.split('.');
    const [nonce, body] = [Buffer.from(iv, 'base64url'), Buffer.from(sealed, 'base64url')];
    if (version !== VERSION || more.length > 0 || nonce.length !== IV_BYTES || body.length < TAG_BYTES)
      throw unreadable('A stored secret is damaged');
    const key = this.#keys.get(id);
    if (!key)
      throw unreadable(
        'A stored secret was sealed with another SECRET_KEY; set SECRET_KEY_PREVIOUS to that key, or enter the secret again',
      );
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce);
    decipher.setAAD(Buffer.from(`${VERSION}.${id}|${place}`));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
    } catch (cause) {
      throw unreadable('A stored secret is damaged or belongs elsewhere', cause);
    }
  }

  /** The text sealed anew under the present key; undefined when it is already. */
  reseal(text: string, place: string): string | undefined {
    if (text.startsWith(`${VERSION}.${this.#current.id}.`)) return undefined;
    return this.seal(this.open(text, place), place);
  }

  /** A whole number that changes with the text and tells nothing of it to who lacks the key. */
  fingerprint(text: string): number {
    return createHmac('sha256', this.#marking).update(text).digest().readUIntBE(0, FINGERPRINT_BYTES);
  }
}
