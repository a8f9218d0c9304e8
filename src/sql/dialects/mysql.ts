import { AppError } from '../../base/errors.ts';
import { param, raw, type Sql, sql } from '../ast.ts';
import { asIs, type Dialect, type Form, formsOf, type TextTestOf } from '../dialect.ts';
import { likePattern, literalPattern } from './like-pattern.ts';
import { nativeType, uncommon } from './mysql-native.ts';
import {
  DAY_GRAINS,
  isoInstant,
  isoTime,
  isoTimestamp,
  localOf,
  movedBack,
  PARTS,
  page,
  SUB_DAY_GRAINS,
} from './mysql-time.ts';
import type { DialectOptions } from './options.ts';
import { wholeNumber } from './paging.ts';

const inUnicode: Form = (value) => sql`CONVERT(${value} USING utf8mb4)`;
/** Bytes of UTF-8 keep case, accents and trailing spaces apart and come in the order of code points, on MySQL and MariaDB alike. */
const asBytes: Form = (value) => sql`CAST(${inUnicode(value)} AS BINARY)`;
const asFloat: Form = (value) => sql`(${value} + 0E0)`;
const isTrue: Form = (value) => sql`(${value} <> 0)`;
const uuidBytes: Form = (value) => sql`CAST(LOWER(${inUnicode(value)}) AS BINARY)`;

const EXACT_FORMS = formsOf(asIs, {
  text: asBytes,
  json: asBytes,
  uuid: uuidBytes,
  float: asFloat,
  boolean: isTrue,
});

/** Comparing with what the charset of a column cannot hold is an error, so that only ASCII is sure to be compared as it stands. */
const isAscii = ({ parts }: Sql) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  parts.every((part) => part.kind !== 'param' || /^[\x00-\x7f]*$/.test(String(part.value)));

const ESCAPE = '|';
const like =
  (patternOf: (value: string) => string): TextTestOf =>
  (value, pattern, caseSensitive) => {
    const [subject, given] = [inUnicode(value), inUnicode(param(patternOf(pattern)))];
    return caseSensitive
      ? sql`(${subject} LIKE ${given} COLLATE utf8mb4_bin ESCAPE '|')`
      : sql`(LOWER(${subject}) LIKE LOWER(${given}) COLLATE utf8mb4_bin ESCAPE '|')`;
  };
const literalLike = (pattern: string) => literalPattern(pattern, ESCAPE, '%_');

const matches: TextTestOf = (value, pattern, caseSensitive) =>
  sql`(${inUnicode(value)} COLLATE utf8mb4_bin REGEXP ${param(caseSensitive ? pattern : `(?i)${pattern}`)})`;

const cast = (type: string) => (value: string) => sql`CAST(${param(value)} AS ${raw(type)})`;
const instant = (text: string) => sql`CAST(${param(text.replace(/Z$/, ''))} AS DATETIME(6))`;

function float(text: string): Sql {
  if (!Number.isFinite(Number(text)))
    throw new AppError('query.unsupported', `MySQL has no ${text}`, { params: { value: text } });
  return sql`(${param(text)} + 0E0)`;
}

const characters = (value: Sql) => sql`CAST(${value} AS CHAR)`;
const booleanText = (value: Sql) => sql`CASE WHEN ${value} THEN 'true' WHEN NOT ${value} THEN 'false' END`;

const middleOf: Dialect['middleOf'] = (value, keys) => {
  const partition = keys.length > 0 ? sql`PARTITION BY ${keyList(keys)} ` : raw('');
  return sql`CASE WHEN 2 * CAST(ROW_NUMBER() OVER (${partition}ORDER BY ${value} IS NULL, ${value}) AS SIGNED) - COUNT(${value}) OVER (${partition}) BETWEEN 0 AND 2 THEN ${value} END`;
};
const keyList = ([first, ...rest]: readonly Sql[]): Sql =>
  rest.reduce((list, key) => sql`${list}, ${key}`, first!);

export const mysqlDialect = ({ textComparison, zones }: DialectOptions): Dialect => {
  const exact = textComparison === 'exact';
  const forms = exact ? EXACT_FORMS : { ...EXACT_FORMS, text: asIs };
  return {
    engine: 'mysql',
    endsWith9999: true,
    fullJoin: false,
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    placeholder: () => '?',
    given: {
      text: param,
      float,
      boolean: (value) => raw(value ? 'TRUE' : 'FALSE'),
      date: cast('DATE'),
      time: cast('TIME(6)'),
      timestamp: (text) => cast('DATETIME(6)')(text),
      timestamptz: instant,
      uuid: (text) => param(text.toLowerCase()),
    },
    exactNumber: (value, precision, scale) =>
      scale === 0 && precision < 19
        ? sql`CAST(${value} AS SIGNED)`
        : sql`CAST(${value} AS DECIMAL(${raw(String(precision))}, ${raw(String(scale))}))`,
    asText: (value, type) => (type === 'boolean' ? booleanText(value) : characters(value)),
    canonical: forms,
    restored: formsOf(asIs, {
      text: exact ? inUnicode : asIs,
      json: inUnicode,
      uuid: inUnicode,
    }),
    nativeType,
    uncommon,
    equalityForms: (type, values) => {
      if (type === 'text' && exact) return values.every(isAscii) ? [asIs, asBytes] : [asBytes];
      return type === 'uuid' || type === 'boolean' ? [EXACT_FORMS[type]] : [asIs];
    },
    orderForms: formsOf(asIs, { text: forms.text, uuid: uuidBytes }),
    shown: {
      ...formsOf(asIs, {
        text: exact ? inUnicode : asIs,
        uuid: inUnicode,
        json: inUnicode,
        date: (value) => sql`DATE_FORMAT(${value}, '%Y-%m-%d')`,
        time: isoTime,
        timestamp: isoTimestamp,
        binary: (value) => sql`CONCAT(LENGTH(${value}), ' bytes')`,
      }),
      timestamptz: isoInstant(zones),
    },
    binaryKey: (value) =>
      sql`CONCAT(RPAD(HEX(LEFT(${value}, 32)), 64, ' '), MD5(${value}), CHAR(31 USING utf8mb4), LENGTH(${value}), ' bytes')`,
    asFloat,
    withOneZero: asIs,
    localOf: localOf(zones),
    dayGrains: DAY_GRAINS,
    subDayGrains: SUB_DAY_GRAINS,
    movedBack,
    parts: PARTS,
    textTests: {
      contains: like((pattern) => `%${literalLike(pattern)}%`),
      startsWith: like((pattern) => `${literalLike(pattern)}%`),
      endsWith: like((pattern) => `%${literalLike(pattern)}`),
      like: like((pattern) => likePattern(pattern, ESCAPE, '%_')),
      matches,
    },
    complement: (condition) => sql`((${condition}) IS NOT TRUE)`,
    always: raw('TRUE'),
    never: raw('FALSE'),
    aggregates: {
      count: (input) => sql`COUNT(${input})`,
      countDistinct: (input) => sql`COUNT(DISTINCT ${input})`,
      sum: (input) => sql`SUM(${input})`,
      min: (input) => sql`MIN(${input})`,
      max: (input) => sql`MAX(${input})`,
      median: (input) => sql`AVG(${asFloat(input)})`,
    },
    middleOf,
    countRows: raw('COUNT(*)'),
    quotient: (sum, count) => sql`(${asFloat(sum)} / NULLIF(${count}, 0))`,
    asCount: (sum) => sql`CAST(COALESCE(${sum}, 0) AS SIGNED)`,
    orderTerm: (by, direction, nulls) =>
      sql`${by} IS NULL${raw(nulls === 'first' ? ' DESC' : '')}, ${by} ${raw(direction === 'asc' ? 'ASC' : 'DESC')}`,
    page: (limit, offset) => page(limit, offset, wholeNumber),
    outputName: (_, index) => raw(`c${index}`),
  };
};
