import iconv from 'iconv-lite';
import {
  ARABIC,
  BALTIC,
  CENTRAL,
  CYRILLIC,
  GREEK,
  HEBREW,
  type Language,
  THAI,
  TURKISH,
  WESTERN,
} from './languages.ts';

interface Page {
  name: string;
  /** As that of a language. */
  prior: number;
  languages: readonly Language[];
}

/** Of code pages that give one text, the first is named. */
const PAGES: readonly Page[] = [
  { name: 'windows-1252', prior: 0, languages: WESTERN },
  { name: 'windows-1250', prior: -0.7, languages: CENTRAL },
  { name: 'windows-1251', prior: -0.7, languages: CYRILLIC },
  { name: 'windows-1253', prior: -0.7, languages: GREEK },
  { name: 'windows-1254', prior: -0.7, languages: TURKISH },
  { name: 'windows-1255', prior: -1, languages: HEBREW },
  { name: 'windows-1256', prior: -1, languages: ARABIC },
  { name: 'windows-1257', prior: -1, languages: BALTIC },
  { name: 'windows-874', prior: -1.5, languages: THAI },
  { name: 'ISO-8859-15', prior: -3, languages: WESTERN },
  { name: 'ISO-8859-2', prior: -2, languages: CENTRAL },
  { name: 'ISO-8859-5', prior: -3, languages: CYRILLIC },
  { name: 'ISO-8859-7', prior: -2, languages: GREEK },
  { name: 'ISO-8859-9', prior: -2, languages: TURKISH },
  { name: 'ISO-8859-13', prior: -3, languages: BALTIC },
  { name: 'KOI8-R', prior: -2, languages: CYRILLIC.slice(0, 1) },
  { name: 'KOI8-U', prior: -3, languages: CYRILLIC.slice(1, 2) },
  { name: 'IBM866', prior: -2, languages: CYRILLIC },
  { name: 'IBM852', prior: -3.5, languages: CENTRAL },
  { name: 'IBM850', prior: -3, languages: WESTERN },
  { name: 'IBM857', prior: -3.5, languages: TURKISH },
  { name: 'IBM737', prior: -3.5, languages: GREEK },
  { name: 'macintosh', prior: -3, languages: WESTERN },
  { name: 'maccyrillic', prior: -4, languages: CYRILLIC },
];

/** Signs of texts in all languages; how often, of 1,000. */
const SIGNS: Readonly<Record<string, number>> = {
  '€': 120,
  '£': 60,
  '¥': 8,
  '¢': 4,
  '°': 120,
  '²': 60,
  '³': 40,
  '½': 15,
  '¼': 8,
  '¾': 5,
  º: 30,
  ª: 6,
  '–': 110,
  '—': 30,
  '‘': 20,
  '’': 110,
  '“': 40,
  '”': 40,
  '„': 15,
  '«': 15,
  '»': 15,
  '…': 25,
  '•': 15,
  '·': 8,
  '\u00a0': 60,
  '®': 15,
  '™': 15,
  '©': 10,
  '±': 10,
  '×': 10,
  µ: 15,
  '§': 10,
  '‰': 3,
  '¡': 3,
  '¿': 4,
  '¹': 3,
  '†': 2,
  '¶': 1,
  '÷': 2,
  '‚': 2,
  '‹': 2,
  '›': 2,
  '№': 3,
  ƒ: 1,
  '\u00ad': 1,
};

/** How much of the characters past ASCII are signs. */
const SIGN_SHARE_LATIN = 0.08;
const SIGN_SHARE_ENGLISH = 0.7;
const SIGN_SHARE_OTHER = 0.01;
/** Of letters and symbols that the language has not. */
const STRANGE_LETTER = Math.log(3e-5);
const STRANGE_SYMBOL = Math.log(2e-6);
const NO_CHARACTER = Math.log(1e-9);

export interface Candidate {
  page: string;
  language: string;
  prior: number;
  isLatin: boolean;
  final: string;
  /** Characters of the bytes 128 to 255. */
  characters: readonly string[];
  /** Natural logarithms of how likely each is. */
  logs: Float64Array;
}

export const isSign = (character: string) => Object.hasOwn(SIGNS, character);

function frequencies(letters: string): Map<string, number> {
  const parts = letters.split(' ').map((part): [string, number] => {
    const [character = ''] = part;
    return [character, Number(part.slice(character.length))];
  });
  const sum = parts.reduce((total, [, count]) => total + count, 0);
  const found = new Map(parts.map(([character, count]) => [character, count / sum]));
  for (const [character, count] of parts)
    for (const capital of capitalsOf(character)) found.set(capital, (found.get(capital) ?? 0) + count / sum);
  return found;
}

/** Greek capitals lose their accents in words of capitals. */
function capitalsOf(character: string): Set<string> {
  const capital = character.toUpperCase();
  if (capital.length > 1 || capital === character) return new Set();
  const isGreek = /\p{Script=Greek}/u.test(character);
  return new Set(isGreek ? [capital, capital.normalize('NFD')[0]!] : [capital]);
}

function logOf(character: string, letters: ReadonlyMap<string, number>, signShare: number): number {
  if (/[\u0080-\u009f\ufffd]/.test(character)) return NO_CHARACTER;
  const own = letters.get(character);
  if (own !== undefined) return Math.log(own * (1 - signShare));
  if (isSign(character)) return Math.log((SIGNS[character]! / 1000) * signShare);
  return /\p{L}/u.test(character) ? STRANGE_LETTER : STRANGE_SYMBOL;
}

let made: Candidate[] | undefined;

/** Every language in every code page that it is written in. */
export function candidates(): readonly Candidate[] {
  made ??= PAGES.flatMap(({ name, prior, languages }) => {
    const bytes = Buffer.from(Array.from({ length: 128 }, (_, i) => i + 128));
    const characters = [...bytes].map((byte) => iconv.decode(Buffer.from([byte]), name));
    return languages.map((language): Candidate => {
      const letters = frequencies(language.letters);
      const isLatin = /\p{Script=Latin}/u.test(language.letters);
      const isEnglish = language.name === 'English';
      const share = isEnglish ? SIGN_SHARE_ENGLISH : isLatin ? SIGN_SHARE_LATIN : SIGN_SHARE_OTHER;
      const logs = Float64Array.from(characters, (character) => logOf(character, letters, share));
      return {
        page: name,
        language: language.name,
        prior: prior + language.prior,
        isLatin,
        final: language.final ?? '',
        characters,
        logs,
      };
    });
  });
  return made;
}
