import type { NumberFormat } from '../domain/upload.ts';
import type { NumberStyle } from './number-format.ts';
import { literal } from './sql-text.ts';

const SIGNS =
  'US$ R$ A$ C$ HK$ NZ$ S$ NT$ MX$ $ € £ ¥ ₹ ₽ ₺ ₴ ₩ ₪ ₫ ₱ ₦ ₡ ₲ ₸ ₼ ₾ ฿ ₵ ￥ 元 円 kr. kr zł Kč Ft lei лв. лв руб. руб Fr. SFr. Rs. Rs RM Rp TL R';
const CODES =
  'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KZT MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR';

const CURRENCIES = new Set(`${CODES} ${SIGNS}`.toUpperCase().split(' '));
const CURRENCY = '[\\p{L}\\p{Sc}]{1,4}\\.?';
/** Stands for any currency, so that the pattern of all orders stays small. */
const SIGN = '¤';

const BLANKS = ' \u00a0\u2009\u202f';
const GAP = `[${BLANKS}]?`;
const DIGITS = `(?:\\d|[.,]\\d)[\\d.,'’${BLANKS}]*`;

/** The marks that a caller lets numbers have. */
export interface NumberMarks {
  shape: { test(text: string): boolean };
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

/** Every order in which the marks may stand around the digits: one sign, one currency and one percent at most, brackets in pairs. */
function ordersOf(formats: readonly NumberFormat[]): string[] {
  const allowed = (format: NumberFormat, orders: string[]) => (formats.includes(format) ? orders : []);
  const signs = [
    '[-+−]?{}',
    ...allowed('trailingMinus', [`{}${GAP}[-−]`]),
    ...allowed('accounting', [`\\(${GAP}{}${GAP}\\)`]),
  ];
  const percents = ['{}', ...allowed('percent', [`{}${GAP}%`, `%${GAP}{}`])];
  const currencies = ['{}', ...allowed('currency', [`${SIGN}${GAP}{}`, `{}${GAP}${SIGN}`])];
  const put = (outer: string, inner: string) => outer.replace('{}', inner);
  const amounts = percents.map((percent) => put(percent, DIGITS));
  // A sign stands around the currency (-$5) or within it ($-5).
  return signs.flatMap((sign) =>
    currencies.flatMap((currency) =>
      amounts.flatMap((amount) => [
        put(put(sign, GAP + currency), amount),
        put(currency, put(sign, GAP + amount)),
      ]),
    ),
  );
}

const currencyIn = (text: string) => `upper(regexp_extract(${text}, ${literal(CURRENCY)}))`;
const withSign = (text: string) => `regexp_replace(${text}, ${literal(CURRENCY)}, '${SIGN}')`;
const KNOWN = [...CURRENCIES].map(literal).join(', ');
const bare = (text: string) =>
  `trim(regexp_replace(${withSign(text)}, '[-+−()%${SIGN}]', '', 'g'), ${literal(BLANKS)})`;

/** What reads numbers with the given marks; undefined where there are none, or only `grouping`, which is a matter of style. */
export function marksOf(formats: readonly NumberFormat[] | undefined): NumberMarks | undefined {
  if (!formats?.some((format) => format !== 'grouping')) return undefined;
  const pattern = [...new Set(ordersOf(formats))].join('|');
  const isSound = (text: string) =>
    `(regexp_full_match(${withSign(text)}, ${literal(pattern)}) AND ${currencyIn(text)} IN ('', ${KNOWN}))`;
  const whole = new RegExp(`^(?:${pattern})$`, 'u');
  const currency = new RegExp(CURRENCY, 'u');
  return {
    shape: {
      test(text) {
        const found = currency.exec(text)?.[0].toUpperCase();
        return whole.test(text.replace(currency, SIGN)) && (found === undefined || CURRENCIES.has(found));
      },
    },
    unmarked: (text) =>
      `CASE WHEN ${isSound(text)} THEN CASE WHEN regexp_matches(${text}, '[-−(]') THEN '-' ELSE '' END || ${bare(text)} ELSE ${text} END`,
    isPercent: (text) => `(contains(${text}, '%') AND ${isSound(text)})`,
    currency: (text) => `CASE WHEN ${isSound(text)} THEN nullif(${currencyIn(text)}, '') END`,
    isMarked: (text) => `(regexp_matches(${text}, '[%(\\p{L}\\p{Sc}]|[-−]$') AND ${isSound(text)})`,
  };
}

const GROUPING = `'’${BLANKS}`;

/** Gives a value a name in an expression, so that its SQL stands only once. */
export const bind = (value: string, name: string, body: string) =>
  `list_transform([${value}], lambda ${name}: ${body})[1]`;

/** A style that also takes the marks of `grouping`. */
export const withGrouping = (style: NumberStyle): NumberStyle => ({
  decimal: style.decimal,
  thousands: [...new Set([...style.thousands, ...GROUPING])].join(''),
  isIndian: style.decimal === '.',
});
