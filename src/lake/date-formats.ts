import type { ColumnType } from '../domain/column.ts';
import { literal } from './sql-text.ts';
import { type DateOrder, matches, type ValueFormat } from './value-format.ts';

type Temporal = Extract<ColumnType, 'date' | 'timestamp' | 'timestamptz'>;

const SQL_TYPES: Record<Temporal, string> = {
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
};

/** Offsets from UTC, with or without a blank before them. */
const OFFSET = ' ?(Z|UTC|GMT|[+-]\\d{2}(:?\\d{2})?)';
const ZERO_OFFSET = ' ?(?:Z|UTC|GMT)$';

/** A text whose offset is written as strptime's `%z` reads it after a blank. */
export const withOffset = (text: string) =>
  `regexp_replace(regexp_replace(${text}, ${literal(ZERO_OFFSET)}, '+00:00'), ' ?([+-]\\d{2}(:?\\d{2})?)$', ' \\1')`;

/** Years that dates in other ways than ISO's are believed to be of. */
const LIKELY_YEAR = '(1[5-9]\\d\\d|2[01]\\d\\d|9999)';
/** strptime reads two-digit years as 1969 to 2068; one that lies further ahead than this is likely a code. */
const YEARS_AHEAD = 20;

export const isNotFarAhead = (date: string) => `year(${date}) <= year(current_date) + ${YEARS_AHEAD}`;

interface Written {
  /** In strptime's letters. */
  format: string;
  type: Temporal;
  pattern: string;
  /** What matches a text that is likely a date. */
  likely?: string;
  order?: DateOrder;
  pair?: string;
  hasShortYear?: boolean;
}

function written({ format, type, pattern, likely, order, pair, hasShortYear }: Written): ValueFormat {
  const ready = (text: string) => (type === 'timestamptz' ? withOffset(text) : text);
  const letters = literal(format);
  return {
    id: format,
    type,
    shape: new RegExp(`^${pattern}$`),
    test: (text) => `(${matches(text, pattern)} AND try_strptime(${ready(text)}, ${letters}) IS NOT NULL)`,
    cast: (text) => `cast(strptime(${ready(text)}, ${letters}) AS ${SQL_TYPES[type]})`,
    ...(likely === undefined
      ? {}
      : {
          plausible: (text) =>
            hasShortYear
              ? `(${matches(text, likely)} AND ${isNotFarAhead(`strptime(${ready(text)}, ${letters})`)})`
              : matches(text, likely),
        }),
    ...(order ? { order } : {}),
    ...(pair ? { pair } : {}),
    ...(hasShortYear ? { hasShortYear } : {}),
  };
}

const CLOCK = '\\d{1,2}:\\d{2}';

/** Times of day after a date: the letters, the pattern, and the type of both together. */
const TIMES: readonly (readonly [string, string, Temporal])[] = [
  ['%H:%M', CLOCK, 'timestamp'],
  ['%H:%M:%S', `${CLOCK}:\\d{2}`, 'timestamp'],
  ['%H:%M:%S.%f', `${CLOCK}:\\d{2}\\.\\d{1,6}`, 'timestamp'],
  ['%I:%M %p', `${CLOCK} [AaPp][Mm]`, 'timestamp'],
  ['%I:%M:%S %p', `${CLOCK}:\\d{2} [AaPp][Mm]`, 'timestamp'],
  ['%H:%M %z', CLOCK + OFFSET, 'timestamptz'],
  ['%H:%M:%S %z', `${CLOCK}:\\d{2}${OFFSET}`, 'timestamptz'],
];

function withTimes(date: Written): ValueFormat[] {
  const timed = TIMES.map(([time, pattern, type]) =>
    written({
      ...date,
      format: `${date.format} ${time}`,
      type,
      pattern: `${date.pattern} ${pattern}`,
      // A time of day behind it makes a date of what could be a code.
      ...(date.likely === undefined
        ? {}
        : { likely: `${date.hasShortYear ? date.pattern : date.likely} ${pattern}` }),
      ...(date.pair ? { pair: `${date.pair} ${time}` } : {}),
    }),
  );
  return [written(date), ...timed];
}

/**
 * Day, month and year around one separator, in both orders. With two digits of the year and without padding, only slashes are
 * likely dates: `14.2.10` is more often a version.
 */
function dayMonthYear(separator: '/' | '-' | '.'): ValueFormat[] {
  const sep = separator === '.' ? '\\.' : separator;
  return (['%Y', '%y'] as const).flatMap((year) =>
    (['day', 'month'] as const).flatMap((order) => {
      const hasShortYear = year === '%y';
      const parts = order === 'day' ? ['%d', '%m'] : ['%m', '%d'];
      const padded = `\\d{2}${sep}\\d{2}${sep}\\d{2}`;
      const pattern = `\\d{1,2}${sep}\\d{1,2}${sep}\\d{${hasShortYear ? 2 : 4}}`;
      const shortLikely = separator === '/' ? pattern : padded;
      return withTimes({
        format: [...parts, year].join(separator),
        type: 'date',
        pattern,
        likely: hasShortYear ? shortLikely : `\\d{1,2}${sep}\\d{1,2}${sep}${LIKELY_YEAR}`,
        order,
        pair: `${separator}${year}`,
        hasShortYear,
      });
    }),
  );
}

function yearMonthDay(separator: '/' | '.'): ValueFormat[] {
  const sep = separator === '.' ? '\\.' : separator;
  const rest = `${sep}\\d{1,2}${sep}\\d{1,2}`;
  return withTimes({
    format: ['%Y', '%m', '%d'].join(separator),
    type: 'date',
    pattern: `\\d{4}${rest}`,
    likely: `${LIKELY_YEAR}${rest}`,
  });
}

function iso(id: string, type: Temporal, pattern: string, ready = (text: string) => text): ValueFormat {
  const sqlType = SQL_TYPES[type];
  return {
    id,
    type,
    shape: new RegExp(`^${pattern}$`),
    test: (text) => `(${matches(text, pattern)} AND try_cast(${ready(text)} AS ${sqlType}) IS NOT NULL)`,
    cast: (text) => `cast(${ready(text)} AS ${sqlType})`,
  };
}

const ISO_DATE = '\\d{4}-\\d{1,2}-\\d{1,2}';
const LIKELY_ISO = `(\\d{4}-\\d{2}-\\d{2}|${LIKELY_YEAR}-\\d{1,2}-\\d{1,2})`;
const ISO_TIMESTAMP = '\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?';

/** DuckDB's cast wants seconds before an offset, and no blank. */
function asInstant(text: string): string {
  const joined = `regexp_replace(regexp_replace(${text}, ${literal(ZERO_OFFSET)}, 'Z'), ' ([+-])', '\\1')`;
  return `CASE WHEN substr(${text}, 17, 1) = ':' THEN ${joined} ELSE substr(${joined}, 1, 16) || ':00' || substr(${joined}, 17) END`;
}

/** Dates and times in digits, the preferred ways first. */
export const DATE_FORMATS: readonly ValueFormat[] = [
  {
    ...iso('isoDate', 'date', ISO_DATE),
    plausible: (text) => matches(text, LIKELY_ISO),
  },
  iso('isoTimestamp', 'timestamp', ISO_TIMESTAMP),
  iso('isoInstant', 'timestamptz', ISO_TIMESTAMP + OFFSET, asInstant),
  ...(['/', '-', '.'] as const).flatMap(dayMonthYear),
  ...(['/', '.'] as const).flatMap(yearMonthDay),
];
