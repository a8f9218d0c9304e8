export type IdPrefix =
  | 'usr'
  | 'ses'
  | 'key'
  | 'dst'
  | 'ds'
  | 'mdl'
  | 'gen'
  | 'aud'
  | 'req'
  | 'run'
  | 'fir'
  | 'sch'
  | 'cal'
  | 'tsk'
  | 'sec'
  | 'ins';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A prefixed, opaque id that sorts by time: `dst_` + 10 characters of milliseconds + 12 random ones (Crockford base 32). */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  let random = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(12))) random += ALPHABET[byte & 31];
  return `${prefix}_${time}${random}`;
}
