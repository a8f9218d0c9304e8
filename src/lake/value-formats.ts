import type { ColumnType } from '../domain/column.ts';
import { literal } from './sql-text.ts';

/**
 * A way to write values of a type. `shape` is a quick test in JS that only rules out; `test` decides, in SQL, for one trimmed text;
 * `cast` gives the value of a text that passed.
 */
export interface ValueFormat {
  id: string;
  type: ColumnType;
  shape: RegExp;
  test(text: string): string;
  cast(text: string): string;
}

const matches = (text: string, pattern: string) => `regexp_full_match(${text}, ${literal(pattern)})`;

function byCast(id: string, type: ColumnType, sqlType: string, shape: RegExp, pattern: string): ValueFormat {
  return {
    id,
    type,
    shape,
    test: (text) => `(${matches(text, pattern)} AND try_cast(${text} AS ${sqlType}) IS NOT NULL)`,
    cast: (text) => `cast(${text} AS ${sqlType})`,
  };
}

function byPattern(type: 'date' | 'timestamp', format: string, shape: RegExp, pattern: string): ValueFormat {
  const sqlType = type === 'date' ? 'DATE' : 'TIMESTAMP';
  return {
    id: format,
    type,
    shape,
    test: (text) => `(${matches(text, pattern)} AND try_strptime(${text}, ${literal(format)}) IS NOT NULL)`,
    cast: (text) => `cast(strptime(${text}, ${literal(format)}) AS ${sqlType})`,
  };
}

function bothOf(id: string, yes: string, no: string): ValueFormat {
  return {
    id,
    type: 'boolean',
    shape: new RegExp(`^(${yes}|${no})$`, 'i'),
    test: (text) => `lower(${text}) IN (${literal(yes)}, ${literal(no)})`,
    cast: (text) => `lower(${text}) = ${literal(yes)}`,
  };
}

const TIME = '\\d{1,2}:\\d{2}';

/** Day, month and year around one separator, in both orders, with and without a time of day. */
function numericDates(separator: string): ValueFormat[] {
  const sep = separator === '.' ? '\\.' : separator;
  const formats: ValueFormat[] = [];
  for (const year of ['%Y', '%y']) {
    const date = `\\d{1,2}${sep}\\d{1,2}${sep}\\d{${year === '%Y' ? 4 : 2}}`;
    for (const order of [
      ['%d', '%m'],
      ['%m', '%d'],
    ]) {
      const format = [...order, year].join(separator);
      formats.push(byPattern('date', format, new RegExp(`^${date}$`), date));
      for (const [time, pattern] of TIMES)
        formats.push(
          byPattern(
            'timestamp',
            `${format} ${time}`,
            new RegExp(`^${date} ${pattern}$`),
            `${date} ${pattern}`,
          ),
        );
    }
  }
  return formats;
}

const TIMES: readonly (readonly [string, string])[] = [
  ['%H:%M', TIME],
  ['%H:%M:%S', `${TIME}:\\d{2}`],
  ['%I:%M %p', `${TIME} [AaPp][Mm]`],
  ['%I:%M:%S %p', `${TIME}:\\d{2} [AaPp][Mm]`],
];

const NAMED_DATES: readonly (readonly [string, string])[] = [
  ['%b %d %Y', '[A-Za-z]{3} \\d{1,2} \\d{4}'],
  ['%b %d, %Y', '[A-Za-z]{3} \\d{1,2}, \\d{4}'],
  ['%B %d %Y', '[A-Za-z]{3,9} \\d{1,2} \\d{4}'],
  ['%B %d, %Y', '[A-Za-z]{3,9} \\d{1,2}, \\d{4}'],
  ['%d %b %Y', '\\d{1,2} [A-Za-z]{3} \\d{4}'],
  ['%d %B %Y', '\\d{1,2} [A-Za-z]{3,9} \\d{4}'],
  ['%d-%b-%Y', '\\d{1,2}-[A-Za-z]{3}-\\d{4}'],
  ['%d-%b-%y', '\\d{1,2}-[A-Za-z]{3}-\\d{2}'],
];

const YEAR_FIRST: readonly (readonly [string, string])[] = [
  ['%Y/%m/%d', '\\d{4}/\\d{1,2}/\\d{1,2}'],
  ['%Y.%m.%d', '\\d{4}\\.\\d{1,2}\\.\\d{1,2}'],
];

const ISO_DATE = '\\d{4}-\\d{1,2}-\\d{1,2}';
const ISO_TIMESTAMP = `\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?`;
const OFFSET = ' ?(Z|UTC|[+-]\\d{2}(:?\\d{2})?)';

/** A zone needs seconds in DuckDB's cast, so that they are put in where they lack. */
const instant: ValueFormat = {
  id: 'isoInstant',
  type: 'timestamptz',
  shape: new RegExp(`^${ISO_TIMESTAMP}${OFFSET}$`),
  test: (text) =>
    `(${matches(text, ISO_TIMESTAMP + OFFSET)} AND try_cast(${withSeconds(text)} AS TIMESTAMPTZ) IS NOT NULL)`,
  cast: (text) => `cast(${withSeconds(text)} AS TIMESTAMPTZ)`,
};

const withSeconds = (text: string) =>
  `CASE WHEN substr(${text}, 17, 1) = ':' THEN ${text} ELSE substr(${text}, 1, 16) || ':00' || substr(${text}, 17) END`;

const clock: ValueFormat = {
  id: 'time',
  type: 'time',
  shape: /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/,
  test: (text) =>
    `(${matches(text, '\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?')} AND try_cast(${text} AS TIME) IS NOT NULL)`,
  cast: (text) => `cast(${text} AS TIME)`,
};

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

/** All ways that are looked for, the preferred ones first; numbers have their own (number-format.ts). */
export const VALUE_FORMATS: readonly ValueFormat[] = [
  bothOf('trueFalse', 'true', 'false'),
  bothOf('tf', 't', 'f'),
  bothOf('yesNo', 'yes', 'no'),
  byCast('isoDate', 'date', 'DATE', new RegExp(`^${ISO_DATE}$`), ISO_DATE),
  byCast('isoTimestamp', 'timestamp', 'TIMESTAMP', new RegExp(`^${ISO_TIMESTAMP}$`), ISO_TIMESTAMP),
  instant,
  clock,
  ...['/', '-', '.'].flatMap(numericDates),
  ...YEAR_FIRST.flatMap(([format, pattern]) => [
    byPattern('date', format, new RegExp(`^${pattern}$`), pattern),
    ...TIMES.map(([time, clockPattern]) =>
      byPattern(
        'timestamp',
        `${format} ${time}`,
        new RegExp(`^${pattern} ${clockPattern}$`),
        `${pattern} ${clockPattern}`,
      ),
    ),
  ]),
  ...NAMED_DATES.map(([format, pattern]) => byPattern('date', format, new RegExp(`^${pattern}$`), pattern)),
  byCast('uuid', 'uuid', 'UUID', new RegExp(`^${UUID}$`), UUID),
];

/** The caller's own format for dates and times. */
export function givenFormat(format: string): ValueFormat {
  const hasTime = /%[HIMSfp]/.test(format);
  return byPattern(hasTime ? 'timestamp' : 'date', format, /./, '(?s).+');
}
