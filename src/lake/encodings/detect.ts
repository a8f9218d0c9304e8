import { type Candidate, candidates, isSign } from './code-pages.ts';
import { multiByteFits } from './multi-byte.ts';

export interface Detected {
  name: string;
  /** From 0 to 1: how likely the text is right, among all that were tried. */
  certainty: number;
}

const MAX_WORDS = 4000;
const MAX_WORD_BYTES = 40;
/** More words say no more: those of a file are alike. */
const TELLING_WORDS = 60;

const isAsciiLetter = (byte: number) => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
const isInWord = (byte: number) => byte > 127 || isAsciiLetter(byte);

/** Distinct words with bytes past ASCII, as Latin-1, each with the byte before and after it. */
export function wordsOf(bytes: Uint8Array): string[] {
  const words = new Set<string>();
  for (let at = 0; at < bytes.length && words.size < MAX_WORDS; ) {
    if (!isInWord(bytes[at]!)) {
      at++;
      continue;
    }
    let end = at;
    let isTelling = false;
    while (end < bytes.length && isInWord(bytes[end]!) && end - at < MAX_WORD_BYTES) {
      isTelling ||= bytes[end]! > 127;
      end++;
    }
    if (isTelling) {
      const text = Buffer.from(bytes.subarray(Math.max(0, at - 1), end + 1)).toString('latin1');
      words.add(`${at === 0 ? ' ' : ''}${text}${end === bytes.length ? ' ' : ''}`);
    }
    at = end;
  }
  return [...words];
}

const DIGIT = /\p{N}/u;
const LETTER = /\p{L}|\p{M}/u;

type Kind = 'small' | 'capital' | 'letter' | 'digit' | 'space' | 'other';

const kinds = new Map<string, Kind>();

function kindOf(character: string): Kind {
  const known = kinds.get(character);
  if (known) return known;
  let kind: Kind = 'other';
  if (/\p{Lu}/u.test(character)) kind = 'capital';
  else if (/\p{Ll}/u.test(character)) kind = 'small';
  else if (LETTER.test(character)) kind = 'letter';
  else if (DIGIT.test(character)) kind = 'digit';
  else if (/[\s,;|"'()]/.test(character)) kind = 'space';
  kinds.set(character, kind);
  return kind;
}

const isLetter = (kind: Kind) => kind === 'small' || kind === 'capital' || kind === 'letter';

/** A unit or an ordinal number. */
const FITS = Math.log(8);
const ODD = Math.log(0.02);
const RARE = Math.log(0.1);
const CAPITAL = Math.log(0.12);
const CAPITALS = Math.log(0.3);

/** Where a sign may stand. */
function signContext(sign: string, before: string, after: string): number {
  const [left, right] = [kindOf(before), kindOf(after)];
  switch (sign) {
    case '²':
    case '³':
      return /[mM\d)]/.test(before) && !isLetter(right) ? FITS : ODD;
    case '°':
      return !isLetter(left) || /[nN]/.test(before) ? 0 : ODD;
    case 'º':
    case 'ª':
      return (left === 'digit' || /[nN]/.test(before)) && !isLetter(right) ? FITS : ODD;
    case '½':
    case '¼':
    case '¾':
      return !isLetter(left) && !isLetter(right) ? 0 : ODD;
    case '€':
    case '£':
    case '¥':
    case '¢':
      return (isLetter(left) && isLetter(right)) || (left === 'small' && right !== 'digit') ? ODD : 0;
    case '’':
    case '‘':
    case '–':
    case '—':
    case '·':
    case '\u00a0':
    case '\u00ad':
      return 0;
    case '¶':
    case '§':
    case '†':
      return isLetter(left) || isLetter(right) ? ODD : 0;
    default:
      return isLetter(left) && isLetter(right) ? ODD : 0;
  }
}

function letterContext(
  character: string,
  before: string,
  after: string,
  { isLatin, final }: Candidate,
): number {
  const [left, kind, right] = [kindOf(before), kindOf(character), kindOf(after)];
  let log = 0;
  if (kind === 'capital' && left !== 'capital') log += right === 'capital' ? CAPITALS : CAPITAL;
  if (left === 'small' && kind === 'capital') log += ODD;
  if (kind === 'small' && left === 'capital' && right === 'capital') log += ODD;
  if (left === 'digit' || right === 'digit') log += RARE;
  if (!isLetter(left) && !isLetter(right)) log += RARE;
  if (isLetter(right) && final.includes(character)) log += ODD;
  if (!isLatin && (isAscii(before) || isAscii(after))) log += ODD;
  return log;
}

const isAscii = (character: string) => character < '\x80' && isLetter(kindOf(character));

function scoreWord(word: string, candidate: Candidate): number {
  const { characters, logs } = candidate;
  const characterAt = (i: number) => {
    const code = word.charCodeAt(i);
    return code > 127 ? characters[code - 128]! : word[i]!;
  };
  let score = 0;
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code < 128) continue;
    const character = characters[code - 128]!;
    const before = i === 0 ? ' ' : characterAt(i - 1);
    const after = i === word.length - 1 ? ' ' : characterAt(i + 1);
    const isText = isLetter(kindOf(character)) && !isSign(character);
    score +=
      logs[code - 128]! +
      (!isText ? signContext(character, before, after) : letterContext(character, before, after, candidate));
  }
  return score;
}

const highBytes = (words: readonly string[]) =>
  words.reduce((sum, word) => sum + [...word].filter((character) => character > '\x7f').length, 0);

const charactersOf = (words: readonly string[]) => [...new Set(words.join('').replace(/[\0-\x7f]/g, ''))];

interface Scored {
  name: string;
  /** What the bytes past ASCII mean; equal ones are one answer. */
  meaning: string;
  score: number;
}

function codePages(words: readonly string[], weight: number): Scored[] {
  const used = charactersOf(words).map((character) => character.charCodeAt(0) - 128);
  return candidates().map((candidate) => {
    const { page: name, prior, characters } = candidate;
    let sum = 0;
    for (const word of words) sum += scoreWord(word, candidate);
    return { name, meaning: used.map((byte) => characters[byte]).join(''), score: prior + sum * weight };
  });
}

/** The encoding that a text is likeliest written in, which is not UTF-8 and holds bytes past ASCII. */
export function detectEncoding(bytes: Uint8Array): Detected {
  const words = wordsOf(bytes);
  const weight = Math.min(1, TELLING_WORDS / Math.max(1, words.length));
  const telling = highBytes(words) * weight;
  const scored = [
    ...codePages(words, weight),
    ...multiByteFits(bytes).map(({ name, prior, fit }) => ({
      name,
      meaning: name,
      score: prior + fit * telling,
    })),
  ];
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  const [same, all] = [0, 0].map((_, i) =>
    scored
      .filter(({ meaning }) => i === 1 || meaning === best.meaning)
      .reduce((sum, { score }) => sum + Math.exp(score - best.score), 0),
  );
  // The usual one of code pages in which the bytes mean the same.
  const { name } = scored.find(({ meaning }) => meaning === best.meaning) ?? best;
  return { name, certainty: same! / all! };
}
