import type { NumberFormat } from '../domain/upload.ts';
import type { NumberStyle } from './number-format.ts';
import { literal } from './sql-text.ts';

const SIGNS =
  'US$ R$ A$ C$ HK$ NZ$ S$ NT$ MX$ $ € £ ¥ ₹ ₽ ₺ ₴ ₩ ₪ ₫ ₱ ₦ ₡ ₲ ₸ ₼ ₾ ฿ ₵ ￥ 元 円 kr. kr zł Kč Ft lei лв. лв руб. руб Fr. SFr. Rs. Rs RM Rp TL R';
const CODES =
  'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KZT MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR';

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const CURRENCY = [...CODES.split(' '), ...SIGNS.split(' ')]
  .sort((a, b) => b.length - a.length)
  .map(escaped)
  .join('|');

const BLANKS = ' \u00a0\u2009\u202f';
const GAP = `[${BLANKS}]?`;
const DIGITS = `(?:\\d|[.,]\\d)[\\d.,'’${BLANKS}]*`;

/** The marks that a caller lets numbers have. */
export interface NumberMarks {
  shape: RegExp;
  /** SQL over a trimmed text: the number without its marks, a minus before it; the text itself where it is none. */
  unmarked(text: string): string;
  /** SQL: whether the text is a number of hundredths. */
  isPercent(text: string): string;
  /** SQL: the currency's sign in capitals, null where there is none. */
  currency(text: string): string;
  /** SQL: whether the text has marks that a plain number has not. */
  isMarked(text: string): string;
}

/** How numbers may be written in a file: in the style that is given, else in one of two. */
export interface NumberReadings {
  given: NumberStyle | undefined;
  point: NumberStyle;
  comma: NumberStyle;
  marks: NumberMarks | undefined;
}

const GROUPS = [
  'open',
  'sign',
  'before',
  'inner',
  'ahead',
  'digits',
  'percent',
  'after',
  'trailing',
  'close',
] as const;
type Group = (typeof GROUPS)[number];

function patternOf(formats: readonly NumberFormat[]): string {
  const allow = (format: NumberFormat, pattern: string) =>
    formats.includes(format) ? `(${pattern})?` : '()';
  return [
    allow('accounting', '\\('),
    GAP,
    '([-+−])?',
    GAP,
    allow('currency', CURRENCY),
    GAP,
    '([-+−])?',
    allow('percent', '%'),
    GAP,
    `(${DIGITS})`,
    allow('percent', '%'),
    GAP,
    allow('currency', CURRENCY),
    GAP,
    allow('trailingMinus', '[-−]'),
    GAP,
    allow('accounting', '\\)'),
  ].join('');
}

/** What reads numbers with the given marks; undefined where there are none, or only `grouping`, which is a matter of style. */
export function marksOf(formats: readonly NumberFormat[] | undefined): NumberMarks | undefined {
  if (!formats?.some((format) => format !== 'grouping')) return undefined;
  const pattern = patternOf(formats);
  const sql = literal(`(?i)^${pattern}$`);
  const group = (text: string, name: Group) => `regexp_extract(${text}, ${sql}, ${GROUPS.indexOf(name) + 1})`;
  const isThere = (text: string, name: Group) => `${group(text, name)} <> ''`;
  const count = (tests: readonly string[]) =>
    `(${tests.map((test) => `cast(${test} AS INTEGER)`).join(' + ')})`;
  const isMinus = (text: string, name: Group) => `${group(text, name)} IN ('-', '−')`;
  const minuses = (text: string) =>
    count([isThere(text, 'open'), isMinus(text, 'sign'), isMinus(text, 'inner'), isThere(text, 'trailing')]);
  const isSound = (text: string) =>
    `(${isThere(text, 'digits')} AND (${isThere(text, 'open')}) = (${isThere(text, 'close')}) AND ${minuses(text)} <= 1
      AND NOT (${isThere(text, 'before')} AND ${isThere(text, 'after')}) AND NOT (${isThere(text, 'ahead')} AND ${isThere(text, 'percent')})
      AND NOT (${isThere(text, 'sign')} AND ${isThere(text, 'inner')}))`;
  const isPercent = (text: string) =>
    `(${isSound(text)} AND (${isThere(text, 'ahead')} OR ${isThere(text, 'percent')}))`;
  const currency = (text: string) =>
    `CASE WHEN ${isSound(text)} THEN nullif(upper(${group(text, 'before')} || ${group(text, 'after')}), '') END`;
  return {
    shape: new RegExp(`^${pattern}$`, 'iu'),
    unmarked: (text) =>
      `CASE WHEN ${isSound(text)} THEN CASE WHEN ${minuses(text)} = 1 THEN '-' ELSE '' END || rtrim(${group(text, 'digits')}, ${literal(BLANKS)}) ELSE ${text} END`,
    isPercent,
    currency,
    isMarked: (text) =>
      `(${isPercent(text)} OR ${currency(text)} IS NOT NULL OR (${isSound(text)} AND (${isThere(text, 'open')} OR ${isThere(text, 'trailing')})))`,
  };
}

const GROUPING = `'’${BLANKS}`;

/** A style that also takes the marks of `grouping`. */
export const withGrouping = (style: NumberStyle): NumberStyle => ({
  decimal: style.decimal,
  thousands: [...new Set([...style.thousands, ...GROUPING])].join(''),
  isIndian: style.decimal === '.',
});
