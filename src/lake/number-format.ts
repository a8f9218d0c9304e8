import { literal } from './sql-text.ts';

/** How numbers are written in a column: what stands before the fraction and what groups the digits. */
export interface NumberStyle {
  decimal: '.' | ',';
  /** Characters that may group digits in threes. */
  thousands: string;
  /** Whether `1,23,456` is a number too. */
  isIndian?: boolean;
}

export const POINT: NumberStyle = { decimal: '.', thousands: ",'" };
export const COMMA: NumberStyle = { decimal: ',', thousands: '. \u00a0\u202f' };

/** In JS, what may be a number in either style; only rules out. */
export const NUMBER_SHAPE =
  /^-?(\d[\d.,'’ \u00a0\u2009\u202f]*|[.,]\d+)([eE][+-]?\d{1,4})?$|^[+-]?(nan|inf|infinity)$/i;

/** Integers in groups, with one kind of mark in a number. */
function groupedPattern({ thousands, isIndian }: NumberStyle): string | undefined {
  const kinds = [...thousands].map((mark) => `(${mark === '.' ? '\\.' : mark}\\d{3})+`);
  const inThrees = kinds.length === 0 ? [] : [`[1-9]\\d{0,2}(${kinds.join('|')})`];
  const indian = isIndian ? ['[1-9]\\d?(,\\d{2})+,\\d{3}'] : [];
  const all = [...inThrees, ...indian];
  return all.length === 0 ? undefined : `(${all.join('|')})`;
}

function patterns(style: NumberStyle, relaxed: boolean) {
  const { decimal } = style;
  const point = decimal === '.' ? '\\.' : ',';
  const sign = relaxed ? '[-+]?' : '-?';
  const whole = relaxed ? '\\d+' : '(0|[1-9]\\d*)';
  const grouped = groupedPattern(style);
  const any = grouped ? `(${whole}|${grouped})` : whole;
  return {
    integer: `${sign}${whole}`,
    grouped: grouped === undefined ? undefined : `${sign}${grouped}`,
    fixed: `${sign}${whole}?${point}\\d+`,
    groupedFixed: grouped === undefined ? undefined : `${sign}${grouped}${point}\\d+`,
    float: `${sign}(${any}(${point}\\d*)?|${point}\\d+)([eE][-+]?\\d{1,4})?|[-+]?(?i:nan|inf|infinity)`,
  };
}

/** The number's text in plain form: no grouping, a point before the fraction. */
export function plain(text: string, { decimal, thousands }: NumberStyle): string {
  const dropped = [...thousands].reduce(
    (sql, character) => `replace(${sql}, ${literal(character)}, '')`,
    text,
  );
  return decimal === ',' ? `replace(${dropped}, ',', '.')` : dropped;
}

/** What a text is as a number: 1 an integer, 2 a fixed-point number, 4 and 5 the same with grouped digits, 3 another number, 0 none. `relaxed` takes leading zeros and a plus. */
export function numberKind(text: string, style: NumberStyle, relaxed: boolean): string {
  const { integer, grouped, fixed, groupedFixed, float } = patterns(style, relaxed);
  const full = (pattern: string) => `regexp_full_match(${text}, ${literal(pattern)})`;
  const roundTrip = `cast(try_cast(${text} AS BIGINT) AS VARCHAR) = ${text}`;
  const groups =
    grouped && groupedFixed ? ` WHEN ${full(grouped)} THEN 4 WHEN ${full(groupedFixed)} THEN 5` : '';
  return `CASE WHEN ${text} IS NULL THEN NULL WHEN ${roundTrip} THEN 1 WHEN ${full(integer)} THEN 1 WHEN ${full(fixed)} THEN 2${groups} WHEN ${full(float)} AND NOT ${isTooLarge(text, style)} THEN 3 ELSE 0 END`;
}

const asDouble = (text: string, style: NumberStyle) => `try_cast(${plain(text, style)} AS DOUBLE)`;

/** A number that a double cannot hold becomes infinite in DuckDB's cast. */
const isTooLarge = (text: string, style: NumberStyle) =>
  `(isinf(${asDouble(text, style)}) AND NOT regexp_matches(${text}, '(?i)inf'))`;

const significant = (text: string) => `trim(regexp_replace(${text}, '[^0-9eE]|[eE].*$', '', 'g'), '0')`;

/** A number of which a double holds fewer digits, or nothing. */
const isInexact = (text: string, style: NumberStyle) =>
  `((length(${text}) > 15 AND ${significant(plain(text, style))} <> ${significant(`cast(${asDouble(text, style)} AS VARCHAR)`)})
    OR (${asDouble(text, style)} = 0 AND regexp_matches(${text}, '^[-+]?[0.,]*[1-9]')))`;

/** What is counted of the numbers of a column. */
export interface NumberCounts {
  integers: number;
  /** Integers past int64. */
  beyond: number;
  fixed: number;
  floats: number;
  /** Of the floats, NaN and the infinities. */
  notFinite: number;
  /** Numbers that a float would change. */
  inexact: number;
  /** Integers with marks between groups of three digits. */
  grouped: number;
  /** Of the fixed-point numbers, those with such marks. */
  groupedFixed: number;
  /** The most characters before the fraction, signs apart, and digits in it. */
  digits: number;
  scale: number;
  leastScale: number;
}

/** Aggregates by name, over a column's trimmed text and its `numberKind`. */
export function numberAggregates(
  text: string,
  kind: string,
  style: NumberStyle,
): Record<keyof NumberCounts, string> {
  const point = literal(style.decimal);
  const fraction = `CASE WHEN ${kind} IN (2, 5) THEN length(${text}) - strpos(${text}, ${point}) END`;
  return {
    integers: `count(*) FILTER (${kind} = 1)`,
    beyond: `count(*) FILTER (${kind} = 1 AND length(${text}) > 18 AND try_cast(${plain(text, style)} AS BIGINT) IS NULL)`,
    grouped: `count(*) FILTER (${kind} = 4)`,
    groupedFixed: `count(*) FILTER (${kind} = 5)`,
    fixed: `count(*) FILTER (${kind} IN (2, 5))`,
    floats: `count(*) FILTER (${kind} = 3)`,
    notFinite: `count(*) FILTER (${kind} = 3 AND regexp_matches(${text}, '(?i)nan|inf'))`,
    inexact: `count(*) FILTER (CASE WHEN ${kind} > 0 THEN ${isInexact(text, style)} END)`,
    digits: `coalesce(max(CASE WHEN ${kind} IN (2, 5) THEN strpos(${text}, ${point}) - 1 WHEN ${kind} IN (1, 4) THEN length(${text}) END - CASE WHEN left(${text}, 1) IN ('-', '+') THEN 1 ELSE 0 END), 0)`,
    scale: `coalesce(max(${fraction}), 0)`,
    leastScale: `coalesce(min(${fraction}), 0)`,
  };
}
