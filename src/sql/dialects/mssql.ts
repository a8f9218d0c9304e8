import { AppError } from '../../base/errors.ts';
import { join, param, raw, type Sql, sql } from '../ast.ts';
import { asIs, type Dialect, type Form, formsOf, type LongList, type TextTestOf } from '../dialect.ts';
import { likePattern, literalPattern } from './like-pattern.ts';
import { mssqlNative } from './mssql-native.ts';
import {
  DAY_GRAINS,
  isoInstant,
  isoTime,
  isoTimestamp,
  localOf,
  movedBack,
  PARTS,
  SUB_DAY_GRAINS,
  utcOf,
} from './mssql-time.ts';
import type { DialectOptions } from './options.ts';
import { wholeNumber } from './paging.ts';

const BINARY = raw('COLLATE Latin1_General_100_BIN2');
const unicode: Form = (value) => sql`CONVERT(nvarchar(max), ${value})`;

/**
 * Spaces at the end do not count in any collation of SQL Server, so that a last character that sorts before all others is added. The columns'
 * own code page is left before the collation is named.
 */
const ended: Form = (value) => sql`((${unicode(value)} + NCHAR(1)) ${BINARY})`;
const withoutEnd: Form = (value) => sql`LEFT(${value}, LEN(${value}) - 1)`;
const uuidText: Form = (value) => sql`LOWER(CONVERT(char(36), ${value}))`;
/** Zeros at the end of binary values do not count either. */
const endedBinary: Form = (value) => sql`(CONVERT(varbinary(max), ${value}) + 0x01)`;
const asFloat: Form = (value) => sql`CONVERT(float, ${value})`;
const wallClock: Form = (value) => sql`CONVERT(datetime2(6), ${value})`;
const plainUnicode: Form = (value) => sql`(${unicode(value)} ${BINARY})`;

const EXACT_FORMS = formsOf(asIs, {
  text: ended,
  json: ended,
  uuid: uuidText,
  float: asFloat,
  time: (value) => sql`CONVERT(time(6), ${value})`,
  timestamp: wallClock,
  timestamptz: utcOf,
  binary: endedBinary,
});

const ESCAPE = '|';
const SPECIAL = '%_[';
/** Case is folded by a collation that knows all of Unicode's first plane. */
const folded: Form = (value) => sql`(LOWER(${unicode(value)} COLLATE Latin1_General_100_CI_AS) ${BINARY})`;
const like =
  (patternOf: (value: string) => string): TextTestOf =>
  (value, pattern, caseSensitive) => {
    const given = param(patternOf(pattern));
    return caseSensitive
      ? sql`(${plainUnicode(value)} LIKE ${given} ESCAPE '|')`
      : sql`(${folded(value)} LIKE ${folded(given)} ESCAPE '|')`;
  };
const literalLike = (pattern: string) => literalPattern(pattern, ESCAPE, SPECIAL);

const matches: TextTestOf = () => {
  throw new AppError('query.unsupported', 'SQL Server has no regular expressions (matches)', {
    params: { operator: 'matches' },
  });
};

const cast = (type: string) => (value: string) => sql`CAST(${param(value)} AS ${raw(type)})`;

function float(text: string): Sql {
  if (!Number.isFinite(Number(text)))
    throw new AppError('query.unsupported', `SQL Server has no ${text}`, { params: { value: text } });
  return cast('float')(text);
}

/** Drivers read exact numbers as JavaScript's; style 2 writes money with all its digits and is ignored by others. */
const digits: Form = (value) => sql`CONVERT(varchar(50), ${value}, 2)`;
const bitText = (value: Sql) => sql`CASE ${value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`;

const middleOf: Dialect['middleOf'] = (value, keys) => {
  const partition = keys.length > 0 ? sql`PARTITION BY ${join(keys, ', ')}` : raw('');
  const place = sql`ROW_NUMBER() OVER (${partition} ORDER BY CASE WHEN ${value} IS NULL THEN 1 ELSE 0 END, ${value})`;
  return sql`CASE WHEN 2 * ${place} - COUNT_BIG(${value}) OVER (${partition}) BETWEEN 0 AND 2 THEN ${value} END`;
};

const extreme =
  (call: string): Dialect['aggregates']['min'] =>
  (input, type) =>
    type === 'boolean'
      ? sql`CONVERT(bit, ${raw(call)}(CONVERT(tinyint, ${input})))`
      : sql`${raw(call)}(${input})`;

/** FETCH takes no 0, and nothing is beyond the last place. */
function page(limit: number | null, offset: number, ordered: boolean): Sql {
  if (limit === null && offset === 0) return raw('');
  const order = ordered ? '' : 'ORDER BY (SELECT NULL) ';
  if (limit !== null && limit < 1) return raw(`${order}OFFSET ${wholeNumber(Number.MAX_SAFE_INTEGER)} ROWS`);
  const fetch = limit === null ? '' : ` FETCH NEXT ${wholeNumber(limit)} ROWS ONLY`;
  return raw(`${order}OFFSET ${wholeNumber(offset)} ROWS${fetch}`);
}

/** A statement takes 2,100 parameters. OPENJSON wants a database at the level of SQL Server 2016 or later. */
const LONG_LIST: LongList = {
  above: 500,
  rows: (array) => sql`OPENJSON(${array}) WITH (v nvarchar(max) '$') AS j`,
  item: raw('j.v'),
};

/** A column of OPENJSON has a collation, which must not decide over that of the column it is compared with; what was no text has none. */
const UNCOLLATED_LIST: LongList = {
  ...LONG_LIST,
  item: raw('CONVERT(nvarchar(max), CONVERT(varbinary(max), j.v))'),
};

/** T-SQL for SQL Server 2017 and later. */
export const mssqlDialect = ({ textComparison, zones }: DialectOptions): Dialect => {
  const exact = textComparison === 'exact';
  const forms = exact ? EXACT_FORMS : { ...EXACT_FORMS, text: asIs };
  const text = exact ? withoutEnd : asIs;
  return {
    engine: 'mssql',
    nativeType: mssqlNative,
    endsWith9999: true,
    fullJoin: true,
    quote: (name) => `[${name.replaceAll(']', ']]')}]`,
    placeholder: (index) => `@p${index}`,
    repeatsParameters: true,
    given: {
      text: param,
      float,
      boolean: (value) => raw(`CAST(${value ? 1 : 0} AS bit)`),
      date: cast('date'),
      time: cast('time(6)'),
      timestamp: cast('datetime2(6)'),
      timestamptz: cast('datetimeoffset(6)'),
      uuid: cast('uniqueidentifier'),
    },
    exactNumber: (value, precision, scale) =>
      scale === 0 && precision < 19
        ? sql`CAST(${value} AS bigint)`
        : sql`CAST(${value} AS decimal(${raw(String(precision))}, ${raw(String(scale))}))`,
    asText: (value, type) => (type === 'boolean' ? bitText(value) : unicode(value)),
    canonical: forms,
    restored: formsOf(asIs, {
      text,
      json: withoutEnd,
      uuid: (value) => sql`CONVERT(uniqueidentifier, ${value})`,
      binary: (value) => sql`SUBSTRING(${value}, 1, DATALENGTH(${value}) - 1)`,
    }),
    equalityForms: (type) => (type === 'text' && exact ? [asIs, ended] : [asIs]),
    longList: exact ? LONG_LIST : UNCOLLATED_LIST,
    orderForms: formsOf(asIs, { text: forms.text, uuid: uuidText }),
    shown: {
      ...formsOf(asIs, {
        text,
        integer: (value) => sql`CONVERT(varchar(50), ${value})`,
        decimal: digits,
        date: (value) => sql`CONVERT(char(10), ${value}, 23)`,
        time: isoTime,
        timestamp: isoTimestamp,
        json: withoutEnd,
        binary: (value) => sql`(CONVERT(varchar(20), DATALENGTH(${value}) - 1) + ' bytes')`,
      }),
      timestamptz: isoInstant(zones),
    },
    binaryKey: (value) =>
      sql`(CONVERT(varchar(64), SUBSTRING(${value}, 1, 32), 2) + CONVERT(varchar(64), HASHBYTES('SHA2_256', ${value}), 2) + CHAR(31) + CONVERT(varchar(20), DATALENGTH(${value}) - 1) + ' bytes')`,
    asFloat,
    withOneZero: (value) => sql`(${value} + 0E0)`,
    localOf: localOf(zones),
    dayGrains: DAY_GRAINS,
    subDayGrains: SUB_DAY_GRAINS,
    movedBack,
    parts: PARTS,
    textTests: {
      contains: like((pattern) => `%${literalLike(pattern)}%`),
      startsWith: like((pattern) => `${literalLike(pattern)}%`),
      endsWith: like((pattern) => `%${literalLike(pattern)}`),
      like: like((pattern) => likePattern(pattern, ESCAPE, SPECIAL)),
      matches,
    },
    complement: (condition) => sql`(CASE WHEN ${condition} THEN 1 ELSE 0 END = 0)`,
    always: raw('(1 = 1)'),
    never: raw('(1 = 0)'),
    aggregates: {
      count: (input) => sql`COUNT_BIG(${input})`,
      countDistinct: (input) => sql`COUNT_BIG(DISTINCT ${input})`,
      sum: (input, type) =>
        type === 'integer' ? sql`SUM(CONVERT(decimal(38, 0), ${input}))` : sql`SUM(${input})`,
      min: extreme('MIN'),
      max: extreme('MAX'),
      median: (input) => sql`AVG(${asFloat(input)})`,
    },
    middleOf,
    countRows: raw('COUNT_BIG(*)'),
    quotient: (sum, count) => sql`(${asFloat(sum)} / NULLIF(${count}, 0))`,
    asCount: (sum) => sql`CONVERT(bigint, COALESCE(${sum}, 0))`,
    orderTerm: (by, direction, nulls) =>
      sql`CASE WHEN ${by} IS NULL THEN ${raw(nulls === 'first' ? '0 ELSE 1' : '1 ELSE 0')} END, ${by} ${raw(direction === 'asc' ? 'ASC' : 'DESC')}`,
    page,
    outputName: (_, index) => raw(`c${index}`),
  };
};
