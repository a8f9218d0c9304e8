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
  found: RegExp;
  isMeant(match: string): boolean;
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

/** In this order: a card's number would pass for a phone's. */
const PATTERNS: readonly Pattern[] = [
  {
    rule: 'email',
    found: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu,
    isMeant: () => true,
  },
  { rule: 'iban', found: /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}\b/gi, isMeant: passesMod97 },
  {
    rule: 'card',
    found: /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g,
    isMeant: (match) => passesLuhn(digitsOf(match)),
  },
  {
    rule: 'phone',
    found: /(?<![\w.])(?:\+|00|\(?0)[\d\s()./-]{6,24}\d(?!\w)/g,
    isMeant: (match) => {
      const { length } = digitsOf(match);
      return length >= 7 && length <= 15 && !/^\d{4}-\d{2}-\d{2}|^\d+\.\d+$/.test(match);
    },
  },
];

/** A text without what the rules hide, and how much that was. */
export function maskText(text: string, rules: MaskingRules): { text: string; masked: number } {
  let masked = 0;
  let shown = text;
  for (const { rule, found, isMeant } of PATTERNS) {
    if (!rules[rule]) continue;
    shown = shown.replace(found, (match) => {
      if (!isMeant(match)) return match;
      masked++;
      return `[${rule}]`;
    });
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

/** A value as it may leave: its texts by the patterns, those in lists and objects too. */
function maskValue(value: unknown, rules: MaskingRules, count: (masked: number) => void): unknown {
  if (typeof value === 'string' || (typeof value === 'number' && Math.abs(value) >= LEAST_CARD)) {
    const { text, masked } = maskText(String(value), rules);
    count(masked);
    return masked > 0 ? text : value;
  }
  if (Array.isArray(value)) return value.map((one) => maskValue(one, rules, count));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, maskValue(one, rules, count)] as const);
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
  const hidden = columns.map((names) => [names].flat().some((name) => globs.some((glob) => glob.test(name))));
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
