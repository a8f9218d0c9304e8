import type { ColumnType } from '../../domain/column.ts';
import { join, param, raw, type Sql, sql } from '../ast.ts';
import { asIs, type Dialect, type NativeType, type NumberList } from '../dialect.ts';
import { asText } from './postgres-shown.ts';
import { uncommonMoment } from './uncommon-moment.ts';

const typed = (text: string, type: string) => sql`CAST(${param(text)} AS ${raw(type)})`;

const UNIT =
  '(?:years?|yrs?|y|months?|mons?|weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s|milliseconds?|microseconds?)';
const SPAN = new RegExp(
  String.raw`^(?:[+-]?\d+(?:\.\d+)?\s*${UNIT}\s*|[+-]?\d+:\d\d(?::\d\d(?:\.\d+)?)?\s*)+(?:ago)?$|^-?infinity$`,
  'i',
);
const INTERVAL: NativeType = {
  forms: {
    shown: asText,
    given: (text) => (text.length < 200 && SPAN.test(text) ? typed(text, 'interval') : undefined),
    expected: 'an interval such as 1 mon 10 days 04:05:06',
  },
};
/** A cast to text would write the mask of a single address. */
const INET: NativeType = { read: (value) => sql`abbrev(${value})` };
const ARRAY: NativeType = { read: (value) => sql`to_json(${value})` };
const MONEY_ARRAY: NativeType = { read: (value) => sql`to_json(CAST(${value} AS numeric[]))` };
/** Citus (12) sends workers a cast to text under COLLATE without the cast, and they refuse the collation of another type; a value that is made stays text. */
const VARCHAR: NativeType = { read: (value) => sql`(CAST(${value} AS text) || '')`, isComparable: true };
const REAL: NativeType = { isSingle: true };

/** By the name that `format_type` gives. */
export function nativeType(name: string): NativeType | undefined {
  if (name.endsWith('[]')) return name === 'money[]' ? MONEY_ARRAY : ARRAY;
  if (name === 'inet') return INET;
  if (name === 'real') return REAL;
  if (name.startsWith('character varying')) return VARCHAR;
  return /^interval\b/.test(name) ? INTERVAL : undefined;
}

const NUMERIC = /^(?:NaN|-?Infinity|-?\d{1,1000}(?:\.\d{1,1000})?)$/;

/** Infinity, NaN, numbers of more digits than other engines have, the years before 1 and past 9999, and 24:00:00. */
export function uncommon(type: ColumnType, text: string): Sql | undefined {
  if (type === 'decimal') return NUMERIC.test(text) ? typed(text, 'numeric') : undefined;
  if (type === 'time') return /^24:00(:00)?$/.test(text) ? typed(text, 'time') : undefined;
  const moment = uncommonMoment(type, text);
  if (moment === undefined) return undefined;
  if (typeof moment === 'string') return typed(moment, type);
  const { date, time, offset = '', isBeforeChrist } = moment;
  const clock = time === undefined ? '' : ` ${time}${offset}`;
  return typed(`${date}${clock}${isBeforeChrist ? ' BC' : ''}`, type);
}

interface Whole {
  type: string;
  min: bigint;
  max: bigint;
}
const signed = (type: string, bits: bigint): Whole => ({
  type,
  min: -(2n ** (bits - 1n)),
  max: 2n ** (bits - 1n) - 1n,
});
const WHOLE: Readonly<Record<string, Whole>> = {
  smallint: signed('smallint', 16n),
  integer: signed('integer', 32n),
  bigint: signed('bigint', 64n),
  oid: { type: 'oid', min: 0n, max: 2n ** 32n - 1n },
};

const castTo = (type: string) => (value: Sql) => sql`CAST(${value} AS ${raw(type)})`;
const textOf = ({ parts }: Sql) => String(parts.find((part) => part.kind === 'param')?.value);

/** What a column of whole numbers can hold of the values. */
function held({ min, max }: Whole, values: readonly Sql[]): string[] {
  const texts = values.map(textOf).filter((text) => /^-?\d+$/.test(text));
  return texts.filter((text) => BigInt(text) >= min && BigInt(text) <= max);
}

/** PostgreSQL looks a value up in a list by its hash only where both are of one type. */
export function numberList(native: string | undefined): NumberList {
  const whole = native === undefined ? undefined : WHOLE[native];
  if (!whole) return { left: castTo('numeric'), item: castTo('numeric') };
  return {
    left: asIs,
    item(value) {
      const [text] = held(whole, [value]);
      return text === undefined ? undefined : typed(text, whole.type);
    },
  };
}

const CAST = /^CAST\( AS ([a-z ]+)(?:\(.*\))?\)$/;
/** The type of a parameter, which is spelled `CAST($1 AS type)`. */
function typeOf({ parts }: Sql): string {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  const type = CAST.exec(text)?.[1];
  if (type === undefined) throw new Error('a value of a list is no typed parameter');
  return type;
}

const arrayText = (texts: readonly string[]) =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
const isOneOf = (left: Sql, texts: readonly string[], type: string) =>
  sql`${left} = ANY(${typed(arrayText(texts), `${type}[]`)})`;

export const manyOf: NonNullable<Dialect['manyOf']> = (left, values, type, native) => {
  const whole = native === undefined ? undefined : WHOLE[native];
  if (type === 'integer' && whole) return isOneOf(left, held(whole, values), whole.type);
  if (type === 'integer') return isOneOf(castTo('numeric')(left), values.map(textOf), 'numeric');
  if (type === 'decimal') return isOneOf(left, values.map(textOf), 'numeric');
  const tests = [...Map.groupBy(values, typeOf)].map(([name, alike]) =>
    isOneOf(left, alike.map(textOf), name),
  );
  return sql`(${join(tests, ' OR ')})`;
};
