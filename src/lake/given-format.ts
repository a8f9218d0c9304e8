import { AppError } from '../base/errors.ts';
import { isNotFarAhead } from './date-formats.ts';
import { fold, folded, MONTHS, monthOfWord } from './month-names.ts';
import { literal } from './sql-text.ts';
import { type DateOrder, matches, type ValueFormat } from './value-format.ts';

type Kind = 'date' | 'time' | 'zone' | 'none';

interface Letter {
  kind: Kind;
  /** Over a folded text. */
  pattern: string;
  /** Where digits adjoin, so that all of them must be there. */
  adjoining?: string;
}

const digits = (kind: Kind, least: number, most: number): Letter => ({
  kind,
  pattern: `\\d{${least},${most}}`,
  adjoining: `\\d{${most}}`,
});

const LETTERS: Readonly<Record<string, Letter>> = {
  Y: digits('date', 4, 4),
  y: digits('date', 2, 2),
  m: digits('date', 1, 2),
  d: digits('date', 1, 2),
  j: digits('date', 1, 3),
  b: { kind: 'date', pattern: '\\p{L}{3,}\\.?' },
  B: { kind: 'date', pattern: '\\p{L}{3,}\\.?' },
  a: { kind: 'none', pattern: '\\p{L}+\\.?' },
  A: { kind: 'none', pattern: '\\p{L}+\\.?' },
  H: digits('time', 1, 2),
  I: digits('time', 1, 2),
  M: digits('time', 1, 2),
  S: digits('time', 1, 2),
  f: digits('time', 1, 6),
  p: { kind: 'time', pattern: '[ap]\\.?m\\.?' },
  z: { kind: 'zone', pattern: 'z|utc|gmt|[+-]\\d{2}(?::?\\d{2})?' },
  Z: { kind: 'zone', pattern: '[a-z][a-z_/+-]*\\d*' },
  '%': { kind: 'none', pattern: '%' },
};

/** Letters that stand for several. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
};

type Token = { letter: string; name?: never } | { letter?: never; text: string };
type GivenType = 'date' | 'time' | 'timestamp' | 'timestamptz';

const invalid = (detail: string, pointer: string) =>
  new AppError('request.invalid', `${pointer} ${detail}`, { pointer });

/** The letters and literal texts of a format. */
function tokensOf(format: string, pointer: string): Token[] {
  const long = format.replace(/%[FTRD%]/g, (each) => SHORTHANDS[each] ?? each);
  const tokens = [...long.matchAll(/%-?(.?)|[^%]+/gsu)].map(
    ([whole, letter]): Token => (letter === undefined ? { text: whole } : { letter }),
  );
  const letters = tokens.flatMap(({ letter }) => (letter === undefined ? [] : [letter]));
  for (const [index, letter] of letters.entries()) {
    if (!Object.hasOwn(LETTERS, letter))
      throw invalid(`has %${letter}; known are %${Object.keys(LETTERS).join(' %')}`, pointer);
    if (letter !== '%' && letters.indexOf(letter) !== index) throw invalid(`has %${letter} twice`, pointer);
  }
  return tokens;
}

function typeOf(has: (letters: string) => boolean, pointer: string): GivenType {
  const hasDate = has('Yymdjb');
  const hasTime = has('HIMSfp');
  if (hasDate && !has('Yy')) throw invalid('has no year (%Y or %y)', pointer);
  if (hasTime && !has('HI')) throw invalid('has no hour (%H or %I)', pointer);
  if (has('I') && !has('p')) throw invalid('has %I without %p (use %H for 24 hours)', pointer);
  if (has('zZ') && !(hasDate && hasTime))
    throw invalid('has %z or %Z without a date and a time of day', pointer);
  if (!hasDate && !hasTime) throw invalid('has no part of a date or time, such as %d', pointer);
  if (!hasDate) return 'time';
  return has('zZ') ? 'timestamptz' : hasTime ? 'timestamp' : 'date';
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const isDigits = (token: Token | undefined) =>
  token?.letter !== undefined && LETTERS[token.letter]!.adjoining !== undefined;

/** The pattern of a format with one group for each letter. A blank before an offset may be missing. */
function patternOf(tokens: readonly Token[]): string {
  return tokens
    .map((token, index) => {
      if (token.letter !== undefined) {
        const { pattern, adjoining } = LETTERS[token.letter]!;
        const adjoins = isDigits(tokens[index - 1]) || isDigits(tokens[index + 1]);
        return `(${adjoins && adjoining ? adjoining : pattern})`;
      }
      const isBeforeOffset = tokens[index + 1]?.letter === 'z';
      return escaped(fold(token.text)).replace(/ $/, isBeforeOffset ? ' ?' : ' ');
    })
    .join('');
}

/** The SQL of a value in ISO's form, from the groups that a format finds. */
function isoText(
  type: GivenType,
  has: (letters: string) => boolean,
  group: (letter: string) => string,
): string {
  const two = (value: string) => `lpad(${value}, 2, '0')`;
  const or = (letter: string, otherwise: string) => (has(letter) ? two(group(letter)) : otherwise);
  const short = `CASE WHEN ${group('y')} >= '69' THEN '19' ELSE '20' END || ${group('y')}`;
  const year = has('Y') ? group('Y') : `(${short})`;
  const month = has('b') ? monthOfWord(`rtrim(${group('b')}, '.')`) : or('m', `'01'`);
  const date = has('j')
    ? `cast(CASE WHEN year(cast(${year} || '-01-01' AS DATE) + cast(${group('j')} AS INTEGER) - 1) = cast(${year} AS INTEGER) AND ${group('j')} <> '000' THEN cast(${year} || '-01-01' AS DATE) + cast(${group('j')} AS INTEGER) - 1 END AS VARCHAR)`
    : `${year} || '-' || (${month}) || '-' || ${or('d', `'01'`)}`;
  if (type === 'date') return date;
  const hour = has('I')
    ? `CASE WHEN cast(${group('I')} AS INTEGER) BETWEEN 1 AND 12 THEN ${two(`cast(cast(${group('I')} AS INTEGER) % 12 + CASE WHEN ${group('p')} LIKE 'p%' THEN 12 ELSE 0 END AS VARCHAR)`)} END`
    : two(group('H'));
  const fraction = has('f') ? ` || '.' || ${group('f')}` : '';
  const clock = `(${hour}) || ':' || ${or('M', `'00'`)} || ':' || ${or('S', `'00'`)}${fraction}`;
  if (type === 'time') return clock;
  const offset = has('z')
    ? ` || CASE WHEN ${group('z')} IN ('z', 'utc', 'gmt') THEN '+00' ELSE ${group('z')} END`
    : has('Z')
      ? ` || ' ' || ${group('Z')}`
      : '';
  return `${date} || ' ' || ${clock}${offset}`;
}

const SQL_TYPES: Record<GivenType, string> = {
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
};

/** Digits without a separator may be any numbers: those of years from 1900 to 2100 are likely dates. */
const isLikelyYear = (value: string) => `year(${value}) BETWEEN 1900 AND 2100`;

function orderOf(letters: readonly string[]): DateOrder | undefined {
  const [first] = letters.filter((letter) => 'dmbYyj'.includes(letter));
  return first === 'd' && letters.includes('m') ? 'day' : first === 'm' ? 'month' : undefined;
}

/**
 * A format in strptime's letters that the caller gives; `%b` and `%B` take month names of every language, two-digit years are 1969 to
 * 2068. Throws `request.invalid` for what is not known or does not make a value.
 */
export function givenFormat(format: string, pointer: string): ValueFormat {
  const tokens = tokensOf(format, pointer);
  const letters = tokens.flatMap(({ letter }) =>
    letter === undefined ? [] : [letter === 'B' ? 'b' : letter],
  );
  const has = (wanted: string) => letters.some((letter) => wanted.includes(letter));
  const type = typeOf(has, pointer);
  const pattern = patternOf(tokens);
  const whole = new RegExp(`^${pattern}$`, 'u');
  const isFolded = tokens.some(({ letter }) => letter === undefined || !isDigits({ letter }));
  const ready = (text: string) => (isFolded ? folded(text) : text);
  const group = (text: string) => (letter: string) =>
    `regexp_extract(${ready(text)}, ${literal(`^${pattern}$`)}, ${letters.indexOf(letter) + 1})`;
  const value = (text: string) => isoText(type, has, group(text));
  const cast = (text: string) => `cast(${value(text)} AS ${SQL_TYPES[type]})`;
  const isPlain = tokens.every(isDigits) && type !== 'time';
  const order = orderOf(letters);
  return {
    id: format,
    type,
    shape: {
      test(text) {
        const found = whole.exec(fold(text));
        const month = has('b') ? found?.[letters.indexOf('b') + 1]?.replace(/\.$/, '') : undefined;
        return found !== null && (month === undefined || MONTHS.has(month));
      },
    },
    test: (text) =>
      `(${matches(ready(text), pattern)} AND try_cast(${value(text)} AS ${SQL_TYPES[type]}) IS NOT NULL)`,
    cast,
    ...(order ? { order } : {}),
    ...(has('y') ? { hasShortYear: true } : {}),
    ...(isPlain
      ? { plausible: (text: string) => (has('y') ? isNotFarAhead(cast(text)) : isLikelyYear(cast(text))) }
      : {}),
  };
}
