import { plainDigits } from './plain-digits.ts';

/** What is hidden in values before they leave. `columns` are names, with `*` for any run of characters, whose values are hidden whole. */
export interface MaskingRules {
  email: boolean;
  phone: boolean;
  card: boolean;
  iban: boolean;
  columns: readonly string[];
}

interface Pattern {
  rule: Exclude<keyof MaskingRules, 'columns'>;
  /** As much as it may be; what is meant may end at the end of any of its groups. */
  found: RegExp;
  isMeant(match: string): boolean;
  /** It is all or nothing. */
  isWhole?: true;
  /** What is passed over. */
  but?: RegExp;
}

const digitsOf = (text: string) => text.replace(/\D/g, '');

/** The check of payment cards (ISO/IEC 7812, Luhn). */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The check of account numbers (ISO 13616, remainder by 97). */
function passesMod97(text: string): boolean {
  const compact = text.replace(/[\s-]/g, '').toUpperCase();
  const moved = compact.slice(4) + compact.slice(0, 4);
  let rest = 0;
  for (const char of moved)
    for (const digit of String(Number.parseInt(char, 36))) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

const DATE = /(?<!\d)(?:(?:19|20)\d\d([-./])[01]?\d\1[0-3]?\d|[0-3]?\d([-./])[0-3]?\d\2(?:19|20)\d\d)(?!\d)/g;
const isCount = (digits: number, least: number, most: number) => digits >= least && digits <= most;

/** Groups of digits that may be a phone's: no number in groups of thousands, and no years. */
function isGroupedPhone(match: string): boolean {
  const groups = match.split(/\D+/);
  const isNumber = /^\d{1,3}(?:[ \u00a0\u202f]\d{3})+$/.test(match);
  const isYears = groups.every((group) => /^(?:19|20)\d\d$/.test(group));
  const enough = groups.length > 2 || groups.every(({ length }) => length === 5);
  return enough && !isNumber && !isYears && isCount(digitsOf(match).length, 8, 13);
}

/** In this order: a card's number would pass for a phone's. They look at digits of all scripts as at ASCII's. */
const PATTERNS: readonly Pattern[] = [
  {
    rule: 'email',
    found:
      /(?:"[^"\n]{1,64}"|[\p{L}\p{N}\p{M}.!#$%'*+^_{|}~-]{1,64})@[\p{L}\p{N}\p{M}-]{1,63}(?:[.。][\p{L}\p{N}\p{M}-]{1,63}){1,8}/gu,
    isMeant: (match) => /@.+[.。]/.test(match),
  },
  {
    rule: 'iban',
    found: /(?<![A-Z\d])[A-Z]{2}\d{2}(?:[ \u00a0\u202f-]?[A-Z\d]){11,30}/gi,
    isMeant: (match) => match.length >= 15 && passesMod97(match),
  },
  {
    rule: 'card',
    found: /(?<!\d)(?<!\d[.,])\d(?:[ \u00a0\u202f–/-]{0,2}\d){12,18}|(?<![\d.])\d{4}(?:\.\d{4}){3}/g,
    isMeant: (match) =>
      /^[2-9]/.test(match) && isCount(digitsOf(match).length, 13, 19) && passesLuhn(digitsOf(match)),
  },
  {
    rule: 'phone',
    found:
      /(?<![\p{L}\p{N}_.,+])(?<!\d[ -])(?:[1-9][ -])?\d{2,5}(?:[ \u00a0\u202f-]\d{2,5}){1,5}(?![ -]?\d|\w)/gu,
    isMeant: isGroupedPhone,
    isWhole: true,
    but: DATE,
  },
  {
    rule: 'phone',
    found: /(?:(?<!\d)\+|(?<![\p{L}\p{N}_])(?<!\d[.,])(?:00|\(?0))[\d\s()./–-]{6,24}\d(?!\w)/gu,
    isMeant: (match) => isCount(digitsOf(match).length, 7, 15) && !/^(?:\d+\.\d+|[0\D]+)$/.test(match),
    but: DATE,
  },
  {
    rule: 'phone',
    found:
      /(?<![\p{L}\p{N}_.,])(?:\(\d{2,5}\) ?\d{2,5}(?:[ .-]?\d{2,5}){1,3}|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4})/gu,
    isMeant: (match) => isCount(digitsOf(match).length, 8, 13),
    but: DATE,
  },
];

/** Where groups of letters and digits end, the last first. */
const endsIn = (match: string) =>
  [...match.matchAll(/[\p{L}\p{N}\p{M}](?![\p{L}\p{N}\p{M}])/gu)]
    .map(({ index, 0: last }) => index + last.length)
    .reverse();

/** What is meant of a match, as long as it can be; 0 for nothing. A part of a longer number is none. */
const meantOf = ({ isMeant, isWhole }: Pattern, match: string, after: string): number =>
  (isWhole ? [match.length] : endsIn(match)).find(
    (end) => !/^[.,]?\d/.test((match + after).slice(end)) && isMeant(match.slice(0, end)),
  ) ?? 0;

/** The text with each place of a pattern as the name of its rule. */
function maskPattern(text: string, pattern: Pattern): { text: string; masked: number } {
  const { rule, found, but } = pattern;
  const plain = plainDigits(text);
  const looked = but ? plain.replace(but, (match) => '_'.repeat(match.length)) : plain;
  const search = new RegExp(found);
  const shown: string[] = [];
  let from = 0;
  for (let match = search.exec(looked); match; match = search.exec(looked)) {
    const { index, 0: all } = match;
    const length = meantOf(pattern, all, looked.slice(index + all.length, index + all.length + 2));
    if (length > 0) {
      shown.push(text.slice(from, index), `[${rule}]`);
      from = index + length;
    }
    // Where nothing is meant, the next group may begin what is.
    search.lastIndex = index + (length || (/^\W*\w+/.exec(all)?.[0].length ?? 1));
  }
  return { text: shown.join('') + text.slice(from), masked: shown.length / 2 };
}

/** A text without what the rules hide, and how much that was. */
export function maskText(text: string, rules: MaskingRules): { text: string; masked: number } {
  let masked = 0;
  let shown = text;
  for (const pattern of PATTERNS) {
    if (!rules[pattern.rule]) continue;
    const hidden = maskPattern(shown, pattern);
    shown = hidden.text;
    masked += hidden.masked;
  }
  return { text: shown, masked };
}

const globOf = (glob: string) =>
  new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    'isu',
  );

/** Numbers may be those of cards where they have as many digits. */
const LEAST_CARD = 1e12;

/** A value as it may leave: its texts by the patterns, those in lists and objects too, and the names in objects, which are values here. */
function maskValue(value: unknown, rules: MaskingRules, count: (masked: number) => void): unknown {
  if (typeof value === 'string' || (typeof value === 'number' && Math.abs(value) >= LEAST_CARD)) {
    const { text, masked } = maskText(String(value), rules);
    count(masked);
    return masked > 0 ? text : value;
  }
  if (Array.isArray(value)) return value.map((one) => maskValue(one, rules, count));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([name, one]) => [String(maskValue(name, rules, count)), maskValue(one, rules, count)] as const,
  );
  return Object.fromEntries(entries);
}

/** The names that a column goes by: its own, and those of what its values come from. */
export type ColumnNames = string | readonly string[];

/** Values of rows as they may leave: texts by the patterns, values of hidden columns not at all. */
export function maskRows(
  columns: readonly ColumnNames[],
  rows: readonly (readonly unknown[])[],
  rules: MaskingRules,
): { rows: unknown[][]; masked: number } {
  const globs = rules.columns.map(globOf);
  const known = new Map<string, boolean>();
  const isHidden = (name: string) => {
    let found = known.get(name);
    if (found === undefined) {
      found = globs.some((glob) => glob.test(name));
      known.set(name, found);
    }
    return found;
  };
  const hidden = columns.map((names) => [names].flat().some(isHidden));
  let masked = 0;
  const count = (more: number) => {
    masked += more;
  };
  const hide = (value: unknown, index: number): unknown => {
    if (value === null) return null;
    if (!hidden[index]) return maskValue(value, rules, count);
    masked++;
    return '[hidden]';
  };
  return { rows: rows.map((row) => row.map(hide)), masked };
}
