import { COLUMN_TYPES, type ColumnType } from '../domain/column.ts';
import type { Grain, Part, Weekday } from '../domain/time.ts';
import type { Spelling, Sql, Statement } from './ast.ts';

export type Engine = 'duckdb' | 'postgres' | 'mysql' | 'mssql';

export const SUB_DAY_GRAINS = ['second', 'minute', 'hour'] as const;
export type SubDayGrain = (typeof SUB_DAY_GRAINS)[number];
export type DayGrain = Exclude<Grain, SubDayGrain>;

/** The families of text operators; each tests `text` (never null-safe: a null gives null). */
export const TEXT_TESTS = ['contains', 'startsWith', 'endsWith', 'like', 'matches'] as const;
export type TextTest = (typeof TEXT_TESTS)[number];
export type TextTestOf = (text: Sql, pattern: string, caseSensitive: boolean) => Sql;

/** Another form of a value, such as the one in which it is compared. */
export type Form = (value: Sql) => Sql;
export type Forms = Readonly<Record<ColumnType, Form>>;

/** Types whose values may stand in a request, but for exact numbers, with what is given for them. */
interface GivenTypes {
  text: string;
  float: string;
  boolean: boolean;
  date: string;
  time: string;
  timestamp: string;
  timestamptz: string;
  uuid: string;
}
export type GivenType = keyof GivenTypes;
export type Given = { readonly [T in GivenType]: (value: GivenTypes[T]) => Sql };

/** Moments of a request as values of a database's own type, which holds other moments than the language does. */
export interface NativeMoments {
  /** The first value that is shown as this wall-clock time (of UTC for instants) or a later one; undefined past the last value. */
  notBefore(at: Temporal.PlainDateTime): Sql | undefined;
  /** The one value that is shown so; undefined where there is none. Absent where several values are shown alike. */
  exactly?(at: Temporal.PlainDateTime): Sql | undefined;
}

/** How a list of many values travels as one parameter, a JSON array of texts. */
export interface LongList {
  /** Lists of more values travel so. */
  above: number;
  /** A table of the array's texts. */
  rows(array: Sql): Sql;
  /** The text of one row of it. */
  item: Sql;
}

/** What values of one of the engine's own types need besides the forms of their column type. */
export interface NativeType {
  /** The column's value as a value of its column type. */
  read?: Form;
  /** Of a type that is shown as text, but compared, grouped and ordered by the engine itself. */
  forms?: { shown: Form; given(text: string): Sql | undefined; expected: string };
  /** A float of single precision: values of a request are rounded to it. */
  isSingle?: true;
  /** A number that also takes true and false. */
  takesTruth?: true;
  /** A text column that equals, as it is stored, every text that the value which is read from it equals. */
  isComparable?: true;
  moments?: NativeMoments;
}

/** How whole numbers are compared with a list, where the engine hashes a list of the column's own type only. */
export interface NumberList {
  left: Form;
  /** A number of the request in the list's type; undefined where the column cannot hold it. */
  item(value: Sql): Sql | undefined;
}

/** Building blocks of aggregates: each is decomposable by itself or asked for at each level. */
export type AggregateCall = 'count' | 'countDistinct' | 'sum' | 'min' | 'max' | 'median';

/**
 * How one engine spells what every engine can do: tables, so that a new grain, part, aggregate or type does not compile until each
 * engine answers. Functions take and give fragments; they know no column and no request.
 */
export interface Dialect extends Spelling {
  readonly engine: Engine;
  /** A statement that plans another one without running it, for engines that understand more than they can plan. */
  readonly explain?: (statement: Statement) => Statement;
  /** True where a date or time past the year 9999 does not exist. */
  readonly endsWith9999?: boolean;
  /** A value of a request as the column's type. */
  readonly given: Given;
  /** A text parameter as an exact number of that many digits in all and behind the point. */
  exactNumber(value: Sql, precision: number, scale: number): Sql;
  /** The value as text, as it would be shown; the type tells where the engine's own text differs. */
  asText(value: Sql, type?: ColumnType): Sql;
  /** The form by which values are grouped, counted apart and ordered: equal exactly where the values are, in the order of the language. */
  readonly canonical: Forms;
  /** Back from the canonical form to what a column holds. */
  readonly restored: Forms;
  /** The forms in which both sides are compared to be equal, all of them: an indexable one, and an exact one where that is not. */
  equalityForms(type: ColumnType, values: readonly Sql[]): readonly Form[];
  /** By the engine's name of a column's type; undefined where its column type says everything. */
  readonly nativeType?: (name: string) => NativeType | undefined;
  /** Values outside of the common calendar and clock that columns of this engine hold, as it shows them; undefined for all others. */
  readonly uncommon?: (type: ColumnType, text: string) => Sql | undefined;
  readonly numberList?: (nativeType: string | undefined) => NumberList;
  /** Whether `left`, in the form in which it is compared, is one of many values, as one parameter; there where the server has arrays. */
  readonly manyOf?: (
    left: Sql,
    values: readonly Sql[],
    type: ColumnType,
    nativeType: string | undefined,
  ) => Sql;
  /** There where a statement takes few parameters. */
  readonly longList?: LongList;
  /** The form in which both sides are compared to be less or greater. */
  readonly orderForms: Forms;
  asFloat(value: Sql): Sql;
  /** A float with one zero, so that -0 and 0 are one group with one text. */
  withOneZero(float: Sql): Sql;
  /** A canonical value in the form in which it leaves the engine: numbers and booleans as they are, all else as text (ISO 8601; instants with the zone's offset). */
  readonly shown: Readonly<Record<ColumnType, (value: Sql, timezone: string) => Sql>>;
  /** A text that tells binary values apart, `KEY_END`, and what is shown of them. */
  readonly binaryKey?: Form;
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
  /** Whether the engine has FULL JOIN. */
  readonly fullJoin: boolean;
  readonly always: Sql;
  readonly never: Sql;
  readonly aggregates: Readonly<Record<AggregateCall, (input: Sql, type: ColumnType) => Sql>>;
  /**
   * There where the median is no aggregate: the value if it is one of the middle values of its group, else null. `aggregates.median` is then
   * asked of these.
   */
  readonly middleOf?: (value: Sql, keys: readonly Sql[]) => Sql;
  readonly countRows: Sql;
  /** The float quotient of a sum and a count; null where the count is 0. */
  quotient(sum: Sql, count: Sql): Sql;
  /** A sum of counts as a count: 0 for null. */
  asCount(sum: Sql): Sql;
  orderTerm(by: Sql, direction: 'asc' | 'desc', nulls: 'first' | 'last'): Sql;
  /** The clause that pages; `limit` null for no limit. Empty where there is nothing to page. */
  page(limit: number | null, offset: number, ordered: boolean): Sql;
  /** The name of the answer's column: the caller's where the engine takes any, else one of ours. */
  outputName(name: string, index: number): Sql;
}

/** The engine of datasets. */
export interface FileDialect extends Dialect {
  /** The rows of Parquet files, columns by name. */
  parquet(files: readonly string[]): Sql;
}

/** The same form for every type but some. */
export function formsOf(common: Form, others: Partial<Forms> = {}): Forms {
  const forms = COLUMN_TYPES.map((type): [ColumnType, Form] => [type, others[type] ?? common]);
  return Object.fromEntries(forms) as unknown as Forms;
}

export const asIs: Form = (value) => value;
