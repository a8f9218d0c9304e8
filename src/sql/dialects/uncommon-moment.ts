import type { ColumnType } from '../../domain/column.ts';
import { parseMoment } from '../moment.ts';

/** A date, time or instant before the year 1 or past 9999. */
export interface UncommonMoment {
  date: string;
  /** Undefined of a date. */
  time: string | undefined;
  /** Of an instant. */
  offset: string | undefined;
  isBeforeChrist: boolean;
}

const FORM =
  /^(?<year>\d{4,6})(?<day>-\d{2}-\d{2})(?:T(?<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?<offset>Z|[+-]\d{2}(?::\d{2}){0,2})?)?(?<era> \(BC\))?$/;
const LAST_COMMON_YEAR = 9999;
/** The calendar comes again after so many years. */
const CYCLE = 400;

/** Infinity, or a moment outside of the years 1 to 9999, as an answer shows it; undefined for all else. */
export function uncommonMoment(type: ColumnType, text: string): UncommonMoment | string | undefined {
  if (type !== 'date' && type !== 'timestamp' && type !== 'timestamptz') return undefined;
  if (text === 'infinity' || text === '-infinity') return text;
  const { year: digits, day, time, offset, era } = FORM.exec(text)?.groups ?? {};
  if (digits === undefined) return undefined;
  const year = Number(digits);
  const isBeforeChrist = era !== undefined;
  if (isBeforeChrist ? year === 0 : year <= LAST_COMMON_YEAR) return undefined;
  const hasParts =
    (time !== undefined) === (type !== 'date') && (offset !== undefined) === (type === 'timestamptz');
  const alike = 2000 + ((((isBeforeChrist ? 1 - year : year) % CYCLE) + CYCLE) % CYCLE);
  const isOnCalendar = parseMoment(`${alike}${day}${time === undefined ? '' : `T${time}`}`) !== undefined;
  return hasParts && isOnCalendar ? { date: `${digits}${day}`, time, offset, isBeforeChrist } : undefined;
}
