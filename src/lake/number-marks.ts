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

/** In the order of the pattern; RE2 gives nine at most. */
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
    formats.includes('accounting') ? '([-+−(])?' : '([-+−])?',
    GAP,
    allow('percent', '%'),
    GAP,
    `(${DIGITS})`,
    allow('percent', '%'),
    GAP,
    allow('currency', CURRENCY),
    GAP,
    allow('trailingMinus', '[-−]'),
    GAP,
    formats.includes('accounting') ? '\\)?' : '',
  ].join('');
}

/** Gives a value a name, so that its SQL stands only once. */
export const bind = (value: string, name: string, body: string) =>
  `list_transform([${value}], lambda ${name}: ${body})[1]`;

const isThere = (group: Group) => `m.${group} <> ''`;
const count = (tests: readonly string[]) =>
  `(${tests.map((test) => `cast(${test} AS INTEGER)`).join(' + ')})`;
const isMinus = (group: Group) => `m.${group} IN ('-', '−')`;
/** A bracket may stand before or after the currency. */
const IS_OPEN = `(${isThere('open')} OR m.inner = '(')`;
const MINUSES = count([isThere('open'), isMinus('sign'), `m.inner IN ('-', '−', '(')`, isThere('trailing')]);
const MARKS = ['before', 'ahead', 'percent', 'after', 'trailing'] as const;

/** Whether the groups of a text, in `m`, make one number: brackets in pairs, one sign, one currency, one percent. */
const isSound = (text: string) =>
  `(${isThere('digits')} AND ${IS_OPEN} = (right(${text}, 1) = ')') AND ${MINUSES} <= 1 AND NOT (${isThere('sign')} AND ${isThere('inner')})
    AND NOT (${isThere('before')} AND ${isThere('after')}) AND NOT (${isThere('ahead')} AND ${isThere('percent')}))`;

/** What reads numbers with the given marks; undefined where there are none, or only `grouping`, which is a matter of style. */
export function marksOf(formats: readonly NumberFormat[] | undefined): NumberMarks | undefined {
  if (!formats?.some((format) => format !== 'grouping')) return undefined;
  const pattern = patternOf(formats);
  const names = GROUPS.map(literal).join(', ');
  const read = (text: string, sound: string, otherwise: string) =>
    bind(
      `regexp_extract(${text}, ${literal(`(?i)^${pattern}$`)}, [${names}])`,
      'm',
      `CASE WHEN ${isSound(text)} THEN ${sound} ELSE ${otherwise} END`,
    );
  const sign = `CASE WHEN ${MINUSES} = 1 THEN '-' ELSE '' END`;
  return {
    shape: new RegExp(`^${pattern}$`, 'iu'),
    unmarked: (text) => read(text, `${sign} || rtrim(m.digits, ${literal(BLANKS)})`, text),
    isPercent: (text) => read(text, `${isThere('ahead')} OR ${isThere('percent')}`, 'false'),
    currency: (text) => read(text, `nullif(upper(m.before || m.after), '')`, 'NULL'),
    isMarked: (text) => read(text, [IS_OPEN, ...MARKS.map(isThere)].join(' OR '), 'false'),
  };
}

const GROUPING = `'’${BLANKS}`;

/** A style that also takes the marks of `grouping`. */
export const withGrouping = (style: NumberStyle): NumberStyle => ({
  decimal: style.decimal,
  thousands: [...new Set([...style.thousands, ...GROUPING])].join(''),
  isIndian: style.decimal === '.',
});
