import { AppError } from '../base/errors.ts';

const NAMES = ['now', 'today', 'from', 'to', 'cursor'] as const;
type PlaceholderName = (typeof NAMES)[number];

const FORMATS = ['iso', 'date', 'dateTime', 'compact', 'unix', 'unixMs', 'text'] as const;
type Format = (typeof FORMATS)[number];

const UNITS = {
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
  mo: 'months',
  y: 'years',
} as const;

interface Placeholder {
  name: PlaceholderName;
  /** What is added to the time, in order. */
  shifts: readonly Temporal.DurationLike[];
  format: Format | undefined;
  /** In its place while there is no value. */
  fallback: string | undefined;
  /** As it was written. */
  source: string;
}

export type Template = readonly (string | Placeholder)[];

/** What placeholders stand for in one run. */
export interface TemplateValues {
  nowMs: number;
  timezone: string;
  /** Where the wanted rows begin, and end: a time, or a value of the cursor. `to` is now where it is null. */
  from: string | null;
  to: string | null;
  cursor: string | null;
}

export const PLACEHOLDER_START = '{{';
const PLACEHOLDER = /\{\{([^{}]*)\}\}/;
const SHAPE =
  /^\s*([a-zA-Z]+)((?:\s*[+-]\s*\d{1,6}\s*[a-z]{1,2})*)\s*(?:\|\s*([a-zA-Z]+)\s*)?(?:\?\?\s*(.*\S)\s*)?$/;
const SHIFT = /([+-])\s*(\d{1,6})\s*([a-z]{1,2})/g;

const invalid = (pointer: string, says: string) =>
  new AppError('request.invalid', `${pointer} ${says}`, { pointer });

function parsePlaceholder(inside: string, pointer: string): Placeholder {
  const source = `{{${inside}}}`;
  const [, name, shiftText = '', format, fallback] = SHAPE.exec(inside) ?? [];
  if (!NAMES.includes(name as PlaceholderName))
    throw invalid(pointer, `has the unknown placeholder ${source}; there are ${NAMES.join(', ')}`);
  if (format !== undefined && !FORMATS.includes(format as Format))
    throw invalid(pointer, `has an unknown format in ${source}; there are ${FORMATS.join(', ')}`);
  const shifts = [...shiftText.matchAll(SHIFT)].map(([, sign, digits, unit]) => {
    const word = UNITS[unit as keyof typeof UNITS];
    if (!word)
      throw invalid(pointer, `has an unknown unit in ${source}; there are ${Object.keys(UNITS).join(', ')}`);
    return { [word]: sign === '-' ? -Number(digits) : Number(digits) };
  });
  return { name: name as PlaceholderName, shifts, format: format as Format | undefined, fallback, source };
}

/**
 * A text with placeholders: `{{from}}`, `{{today - 7d | date}}`, `{{cursor ?? 0}}`. Throws AppError `request.invalid` for one that is none.
 */
export function parseTemplate(text: string, pointer: string): Template {
  return text.split(/(\{\{[^{}]*\}\})/).flatMap((part): (string | Placeholder)[] => {
    const inside = PLACEHOLDER.exec(part)?.[1];
    if (inside !== undefined) return [parsePlaceholder(inside, pointer)];
    if (part.includes('{{')) throw invalid(pointer, 'has a {{ that no }} ends');
    return part === '' ? [] : [part];
  });
}

const missing = ({ source }: Placeholder) =>
  new AppError(
    'source.template',
    `${source} has no value yet; give one for the first run, such as {{${source.slice(2, -2).trim()} ?? 2024-01-01}}`,
    { params: { placeholder: source } },
  );

function timeOf(text: string, placeholder: Placeholder, timezone: string): Temporal.ZonedDateTime {
  const spelled = text.trim().replace(/^(\d{4}-\d\d-\d\d) (\d)/, '$1T$2');
  try {
    if (/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(spelled) && /T/i.test(spelled))
      return Temporal.Instant.from(spelled).toZonedDateTimeISO(timezone);
    return Temporal.PlainDateTime.from(spelled).toZonedDateTime(timezone);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new AppError('source.template', `${placeholder.source} wants a time, and its value is none`, {
      params: { placeholder: placeholder.source },
      cause,
    });
  }
}

const two = (n: number) => String(n).padStart(2, '0');

function written(at: Temporal.ZonedDateTime, format: Exclude<Format, 'text'>): string {
  const date = at.toPlainDate().toString();
  switch (format) {
    case 'iso':
      return at.toInstant().toString();
    case 'date':
      return date;
    case 'compact':
      return date.replaceAll('-', '');
    case 'dateTime':
      return `${date} ${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
    case 'unix':
      return String(Math.floor(at.epochMilliseconds / 1000));
    case 'unixMs':
      return String(at.epochMilliseconds);
  }
}

function filled(placeholder: Placeholder, values: TemplateValues): string {
  const { name, shifts, format, fallback } = placeholder;
  const { timezone, nowMs } = values;
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timezone);
  const own = {
    now,
    today: now.startOfDay(),
    from: values.from,
    to: values.to ?? now,
    cursor: values.cursor,
  }[name];
  const value = own ?? fallback;
  if (value === undefined) throw missing(placeholder);
  if (typeof value === 'string' && shifts.length === 0 && (format ?? 'text') === 'text') return value;
  const start = typeof value === 'string' ? timeOf(value, placeholder, timezone) : value;
  const at = shifts.reduce((time, shift) => time.add(shift), start);
  return written(
    at,
    format === undefined || format === 'text' ? (name === 'today' ? 'date' : 'iso') : format,
  );
}

/** Throws AppError `source.template` where a placeholder has no value, or one that is no time where a time is wanted. */
export function fillTemplate(
  template: Template,
  values: TemplateValues,
  encode: (value: string) => string = (value) => value,
): string {
  return template.map((part) => (typeof part === 'string' ? part : encode(filled(part, values)))).join('');
}

/** As `fillTemplate`; a text that is nothing but a number of seconds or milliseconds becomes that number. */
export function fillJson(template: Template, values: TemplateValues): string | number {
  const text = fillTemplate(template, values);
  const [only, ...more] = template;
  const isNumber = typeof only === 'object' && more.length === 0 && /^unix/.test(only.format ?? '');
  return isNumber ? Number(text) : text;
}
