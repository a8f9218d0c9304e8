import { AppError } from '../base/errors.ts';
import type { CalendarImport, Holiday } from '../domain/calendar.ts';

export interface ImportedHolidays {
  holidays: Holiday[];
  /** What was in the text and could not be taken over, and why. */
  ignored: { line: number; why: string }[];
}

const DAY_MS = 86_400_000;
const MAX_EVENT_DAYS = 60;

const named = (name: string | undefined) => (name ? { name: name.slice(0, 200) } : {});
const toDate = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function dateOf(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return toDate(ms) === `${year}-${month}-${day}` ? ms : undefined;
}

/** Lines of `date` or `date,name`; a first line that is no date is a heading. */
function fromCsv(text: string): ImportedHolidays {
  const found: ImportedHolidays = { holidays: [], ignored: [] };
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === '') continue;
    const [first = '', ...rest] = raw.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const ms = dateOf(first);
    if (ms !== undefined) found.holidays.push({ date: toDate(ms), ...named(rest[0]) });
    else if (i > 0) found.ignored.push({ line: i + 1, why: 'does not begin with a date such as 2026-12-25' });
  }
  return found;
}

interface Property {
  line: number;
  name: string;
  value: string;
}

/** Content lines of RFC 5545, folded ones put together. */
function icsProperties(text: string): Property[] {
  const found: Property[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const last = found.at(-1);
    if (/^[ \t]/.test(raw) && last) last.value += raw.slice(1);
    else {
      const [, name = '', value = ''] = /^([A-Za-z-]+)(?:;[^:]*)?:(.*)$/.exec(raw) ?? [];
      if (name) found.push({ line: i + 1, name: name.toUpperCase(), value });
    }
  }
  return found;
}

const plainText = (value: string) =>
  value
    .replace(/\\n/gi, ' ')
    .replace(/\\([\\;,])/g, '$1')
    .trim();

function eventHolidays(event: ReadonlyMap<string, string>): Holiday[] | string {
  const start = dateOf(event.get('DTSTART') ?? '');
  if (start === undefined) return 'the event has no start';
  const end = event.has('DTEND') ? dateOf(event.get('DTEND')!) : undefined;
  const days = end === undefined ? 1 : Math.max(1, (end - start) / DAY_MS);
  if (days > MAX_EVENT_DAYS) return `the event is longer than ${MAX_EVENT_DAYS} days`;
  const name = named(plainText(event.get('SUMMARY') ?? ''));
  const all = Array.from({ length: days }, (_, i) => new Date(start + i * DAY_MS));
  const rule = event.get('RRULE');
  if (rule === undefined) return all.map((day) => ({ date: toDate(day.getTime()), ...name }));
  if (!/^FREQ=YEARLY(?:;INTERVAL=1)?$/i.test(rule))
    return 'the event comes again by a rule other than every year';
  return all.map((day) => ({ month: day.getUTCMonth() + 1, day: day.getUTCDate(), ...name }));
}

function fromIcs(text: string): ImportedHolidays {
  if (!/^\s*BEGIN:VCALENDAR/i.test(text))
    throw new AppError('request.invalid', '/text is no iCalendar file', { pointer: '/text' });
  const found: ImportedHolidays = { holidays: [], ignored: [] };
  let event: { line: number; values: Map<string, string> } | undefined;
  for (const { line, name, value } of icsProperties(text)) {
    if (name === 'BEGIN' && value.toUpperCase() === 'VEVENT') event = { line, values: new Map() };
    else if (name === 'END' && value.toUpperCase() === 'VEVENT' && event) {
      const holidays = eventHolidays(event.values);
      if (typeof holidays === 'string') found.ignored.push({ line: event.line, why: holidays });
      else found.holidays.push(...holidays);
      event = undefined;
    } else if (event && !event.values.has(name)) event.values.set(name, value);
  }
  return found;
}

/** Holidays of a CSV or iCalendar text. Throws `request.invalid` where there are none. */
export function importHolidays({ format, text }: CalendarImport): ImportedHolidays {
  const found = format === 'csv' ? fromCsv(text) : fromIcs(text);
  if (found.holidays.length === 0)
    throw new AppError('request.invalid', '/text has no holidays', {
      pointer: '/text',
      params: { ignored: found.ignored.slice(0, 100) },
    });
  return found;
}
