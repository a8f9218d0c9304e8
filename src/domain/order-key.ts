import type { ColumnType } from './column.ts';

const BIAS = 10n ** 30n;
const KEY_DIGITS = 31;
/** Whole numbers whose texts are in their order. */
const wholeKey = (value: bigint) => `1${(value + BIAS).toString().padStart(KEY_DIGITS, '0')}`;
const LEAST = '0';
const GREATEST = '2';

const DECIMAL = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/;
const LENGTH_DIGITS = 6;
const complement = (digits: string) => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));

/** As PostgreSQL orders them: NaN is past infinity. */
function decimalKey(text: string): string | undefined {
  if (text === 'NaN') return '5';
  if (text === 'Infinity') return '4';
  if (text === '-Infinity') return '0';
  const [, sign, whole, behind = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (whole === '' && behind === '') return '2';
  const size = `${String(whole.length).padStart(LENGTH_DIGITS, '0')}${whole}.${behind}`;
  return sign === '-' ? `1${complement(size)}~` : `3${size}`;
}

/** Days since 1970-01-01 in the calendar of ISO 8601; a month or day of zero lies before the first one. */
function daysOf(year: bigint, month: bigint, day: bigint): bigint {
  const floor = (a: bigint, b: bigint) => (a - (((a % b) + b) % b)) / b;
  const shifted = month <= 2n ? year - 1n : year;
  const era = floor(shifted, 400n);
  const ofEra = shifted - era * 400n;
  const ofYear = (153n * (month + (month > 2n ? -3n : 9n)) + 2n) / 5n + day - 1n;
  return era * 146_097n + ofEra * 365n + ofEra / 4n - ofEra / 100n + ofYear - 719_468n;
}

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const MONTH = 30n * DAY;

const CLOCK = String.raw`(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?`;
const clockOf = (hours = '0', minutes = '0', seconds = '0', fraction = '') =>
  BigInt(hours) * HOUR +
  BigInt(minutes) * MINUTE +
  BigInt(seconds) * SECOND +
  BigInt(fraction.padEnd(6, '0'));

const MOMENT = new RegExp(String.raw`^(\d{4,6})-(\d\d)-(\d\d)(?:T${CLOCK})?(?:Z|([+-])${CLOCK})?( \(BC\))?$`);

function momentKey(text: string): string | undefined {
  if (text === '-infinity') return LEAST;
  if (text === 'infinity') return GREATEST;
  const found = MOMENT.exec(text);
  if (!found) return undefined;
  const [, years, month, day, hours, minutes, seconds, fraction, sign, ...offset] = found;
  const year = found.at(-1) === undefined ? BigInt(years!) : 1n - BigInt(years!);
  const local = daysOf(year, BigInt(month!), BigInt(day!)) * DAY + clockOf(hours, minutes, seconds, fraction);
  const ahead = sign === undefined ? 0n : clockOf(offset[0], offset[1], offset[2], offset[3]);
  return wholeKey(sign === '-' ? local + ahead : local - ahead);
}

const TIME = new RegExp(`^(-?)${CLOCK}$`);

function timeKey(text: string): string | undefined {
  const [, sign, ...clock] = TIME.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const value = clockOf(...clock);
  return wholeKey(sign === '-' ? -value : value);
}

const UNITS: Readonly<Record<string, bigint>> = { year: 12n * MONTH, mon: MONTH, day: DAY };

/** PostgreSQL's text of an interval; it compares a month as 30 days. */
export function intervalKey(text: string): string | undefined {
  if (text === '-infinity') return LEAST;
  if (text === 'infinity') return GREATEST;
  let value = 0n;
  for (const [, count, unit] of text.matchAll(/([+-]?\d+) (year|mon|day)s?/g))
    value += BigInt(count!) * UNITS[unit!]!;
  const [, sign, ...clock] = new RegExp(`([+-]?)${CLOCK}$`).exec(text) ?? [];
  if (sign !== undefined) value += sign === '-' ? -clockOf(...clock) : clockOf(...clock);
  return wholeKey(value);
}

const KEYS: Readonly<Partial<Record<ColumnType, (text: string) => string | undefined>>> = {
  decimal: decimalKey,
  date: momentKey,
  timestamp: momentKey,
  timestamptz: momentKey,
  time: timeKey,
};

/** Stands between the key and the text of a value. */
export const KEY_END = '\u001f';

/** A text that has the place among its like that the value has; undefined for types whose values are theirs. */
export const orderKeyOf = (type: ColumnType): ((text: string) => string) | undefined => {
  const key = KEYS[type];
  return key && ((text) => key(text) ?? text);
};
