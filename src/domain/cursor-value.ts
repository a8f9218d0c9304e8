import type { ColumnType } from './column.ts';

/** Types that rows can be followed by. */
export const CURSOR_TYPES: ReadonlySet<ColumnType> = new Set([
  'integer',
  'decimal',
  'date',
  'timestamp',
  'timestamptz',
  'text',
  'uuid',
]);

const ORDERS: Readonly<Partial<Record<ColumnType, string>>> = {
  integer: 'number',
  decimal: 'number',
  float: 'number',
  date: 'wall clock',
  timestamp: 'wall clock',
};

/** Whether values come in the same order in both types: 9 is before 10 as a number, and behind it as text. */
export const isOrderedAlike = (a: ColumnType, b: ColumnType) => (ORDERS[a] ?? a) === (ORDERS[b] ?? b);

const MOMENT = /^(-?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z?))?$/;
const DAY_S = 86_400;

/** A moment so many seconds earlier, to the same digit; null where it is none that a calendar of ours counts. */
function earlier(text: string, seconds: number): string | null {
  const match = MOMENT.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const isDate = hour === undefined;
  const then = new Date(0);
  then.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  then.setUTCHours(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
  const back = new Date(then.getTime() - (isDate ? Math.ceil(seconds / DAY_S) * DAY_S : seconds) * 1000);
  if (Number.isNaN(back.getTime()) || back.getUTCFullYear() < 1 || back.getUTCFullYear() > 9999) return null;
  const iso = back.toISOString();
  return isDate ? iso.slice(0, 10) : `${iso.slice(0, 19)}${fraction}${zone}`;
}

const GIVEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** A date or time that somebody wrote, as checkpoints write it; a day without a time begins, or ends, with the range. */
function momentBound(text: string, type: ColumnType, end: 'from' | 'to'): string | undefined {
  const [, day, given, offset] = GIVEN.exec(text) ?? [];
  if (day === undefined || day.startsWith('0000')) return undefined;
  if (type === 'date')
    return given === undefined ? Temporal.PlainDate.from(day, { overflow: 'reject' }).toString() : undefined;
  const time = given ?? (end === 'from' ? '00:00' : '23:59:59.999999');
  if (type === 'timestamptz') return Temporal.Instant.from(`${day}T${time}${offset ?? 'Z'}`).toString();
  if (offset !== undefined) return undefined;
  return Temporal.PlainDateTime.from(`${day}T${time}`, { overflow: 'reject' }).toString();
}

/** One end of a range of a cursor, both ends inside, as somebody wrote it; undefined where it is no value that the column could have. */
export function cursorBound(
  text: string,
  { type, scale = 0 }: { type: ColumnType; scale?: number | undefined },
  end: 'from' | 'to',
): string | undefined {
  switch (type) {
    case 'integer':
      return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? text : undefined;
    case 'decimal': {
      const behind = /^-?\d{1,20}(?:\.(\d{1,18}))?$/.exec(text)?.slice(1);
      return behind && (behind[0] ?? '').replace(/0+$/, '').length <= scale ? text : undefined;
    }
    case 'uuid':
      return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      try {
        return momentBound(text, type, end);
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
    default:
      return text;
  }
}

/** A decimal less another, exactly. */
function minus(text: string, less: string): string {
  const scaleOf = (number: string) => number.split('.')[1]?.length ?? 0;
  const scale = Math.max(scaleOf(text), scaleOf(less));
  const whole = (number: string) => {
    const [integer = '0', digits = ''] = number.split('.');
    return BigInt(integer + digits.padEnd(scale, '0'));
  };
  const difference = whole(text) - whole(less);
  const digits = (difference < 0n ? -difference : difference).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${difference < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}

/**
 * Where to read from, for rows that come late: the cursor less the window. Null, which is everything, where the window would pass the first
 * year, or the value is no number or time.
 */
export function lateFrom(
  cursor: string,
  type: ColumnType,
  { lateS, lateBy }: { lateS?: number; lateBy?: number },
): string | null {
  if (lateS !== undefined && lateS > 0) return earlier(cursor, lateS);
  if (lateBy === undefined || lateBy === 0) return cursor;
  const less = lateBy.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 });
  const result = minus(cursor, less);
  return type === 'integer' ? result.split('.')[0]! : result;
}
