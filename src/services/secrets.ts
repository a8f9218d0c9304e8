import { randomBytes, timingSafeEqual } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 in a byte; bytes past it would favour the first characters. */
const FAIR = 248;

export const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest('hex');

/** Random characters of 0-9, A-Z, a-z, each as likely as the others. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length)
    for (const byte of randomBytes(length))
      if (byte < FAIR && text.length < length) text += BASE62[byte % 62];
  return text;
}

/** Takes as long wherever the texts differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
}
