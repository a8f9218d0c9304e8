import type { ColumnType } from '../domain/column.ts';
import type { Grain, Part, Weekday } from '../domain/time.ts';
import type { Spelling, Sql } from './ast.ts';

export type Engine = 'duckdb' | 'postgres' | 'mysql' | 'mssql';

export const SUB_DAY_GRAINS = ['second', 'minute', 'hour'] as const;
export type SubDayGrain = (typeof SUB_DAY_GRAINS)[number];
export type DayGrain = Exclude<Grain, SubDayGrain>;

/** The families of text operators; each tests `text` (never null-safe: a null gives null). */
export const TEXT_TESTS = ['contains', 'startsWith', 'endsWith', 'like', 'matches'] as const;
export type TextTest = (typeof TEXT_TESTS)[number];
export type TextTestOf = (text: Sql, pattern: Sql, caseSensitive: boolean) => Sql;

/** Building blocks of aggregates: each is decomposable by itself or asked for at each level. */
export type AggregateCall = 'count' | 'countDistinct' | 'sum' | 'min' | 'max' | 'median';

/**
 * How one engine spells what every engine can do: tables, so that a new grain, part, aggregate or type does not compile until each
 * engine answers. Functions take and give fragments; they know no column and no request.
 */
export interface Dialect extends Spelling {
  readonly engine: Engine;
  /** The type name to cast a text parameter to, for the types whose values may be given in a request. */
  readonly casts: Readonly<Record<Exclude<ColumnType, 'json' | 'binary' | 'decimal'>, string>>;
  /** A text parameter as an exact number of that many digits in all and behind the point. */
  exactNumber(value: Sql, precision: number, scale: number): Sql;
  /** The value as text, as it would be shown. */
  asText(value: Sql): Sql;
  asFloat(value: Sql): Sql;
  /** A float with one zero, so that -0 and 0 are one group with one text. */
  withOneZero(float: Sql): Sql;
  /** A value in the form in which it leaves the engine: numbers and booleans as they are, all else as text (ISO 8601; instants with the zone's offset). */
  readonly shown: Readonly<Record<ColumnType, (value: Sql, timezone: string) => Sql>>;
  /** The wall clock of an instant in a time zone. */
  localOf(instant: Sql, timezone: string): Sql;
  /** Start of the day, week … of a date or wall-clock time, as a date. */
  readonly dayGrains: Readonly<Record<DayGrain, (local: Sql, weekStart: Weekday) => Sql>>;
  /** Start of the second, minute or hour of a wall-clock time, as a wall-clock time. */
  readonly subDayGrains: Readonly<Record<SubDayGrain, (local: Sql) => Sql>>;
  /** `instant` moved back by the distance of two wall-clock times. */
  movedBack(instant: Sql, later: Sql, earlier: Sql): Sql;
  readonly parts: Readonly<Record<Part, (local: Sql, weekStart: Weekday) => Sql>>;
  readonly textTests: Readonly<Record<TextTest, TextTestOf>>;
  /** True exactly where `condition` is not true: false and unknown alike. */
  complement(condition: Sql): Sql;
  readonly always: Sql;
  readonly never: Sql;
  readonly aggregates: Readonly<Record<AggregateCall, (input: Sql) => Sql>>;
  readonly countRows: Sql;
  /** The float quotient of a sum and a count; null where the count is 0. */
  quotient(sum: Sql, count: Sql): Sql;
  /** A sum of counts as a count: 0 for null. */
  asCount(sum: Sql): Sql;
  orderTerm(by: Sql, direction: 'asc' | 'desc', nulls: 'first' | 'last'): Sql;
  /** The clause that pages; `limit` null for no limit. Empty where there is nothing to page. */
  page(limit: number | null, offset: number): Sql;
  /** The rows of Parquet files, columns by name. */
  parquet(files: readonly string[]): Sql;
}
