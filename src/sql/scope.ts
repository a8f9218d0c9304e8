import { AppError } from '../base/errors.ts';
import { nearNames } from '../base/near-names.ts';
import type { SourceColumn } from '../domain/column.ts';
import type { ReportedRange } from '../domain/query-result.ts';
import type { Weekday } from '../domain/time.ts';
import { ident, type Sql } from './ast.ts';
import type { Dialect } from './dialect.ts';
import { readColumn } from './native.ts';

/** What names and times mean in one request. */
export interface Scope {
  readonly columns: ReadonlyMap<string, SourceColumn>;
  /** The SQL of columns that are not simply called by their name. */
  readonly expressions?: ReadonlyMap<string, Sql>;
  /** Fields that are made of others when they are asked for. */
  readonly derived?: DerivedFields | undefined;
  /** Rows that it does not fit are not there: part of every `where`. */
  readonly filter?: Sql | undefined;
  /** Filled by `resolveField` with the names of the columns that are read. */
  readonly used?: Set<string> | undefined;
  readonly dialect: Dialect;
  /** An IANA name that `checkTimezone` let through. */
  readonly timezone: string;
  readonly weekStart: Weekday;
  /** The one clock reading of the request. */
  readonly nowMs: number;
  /** Filled by `compileFilter` with the ranges of `during`, for `meta.ranges`. */
  readonly ranges: ReportedRange[];
  /** Filled with the pointers of expressions that read the clock. */
  readonly clockReads?: string[];
  /** How long and deep an expression may be, where it is not as by default. */
  readonly expressionLimits?: {
    readonly maxBytes: number;
    readonly maxDepth: number;
    readonly maxValueBytes: number;
  };
}

export interface Field {
  sql: Sql;
  column: SourceColumn;
  /** The column as it is stored, where `sql` reads it in another form or it has moments of its own. */
  stored?: Sql;
}

export interface DerivedFields {
  readonly names: readonly string[];
  /** Undefined where there is none of that name; adds the columns that it reads to `used`. `pointer` is where it is named. */
  get(name: string, used: Set<string> | undefined, pointer: string): Field | undefined;
}

export const columnsByName = (columns: readonly SourceColumn[]): ReadonlyMap<string, SourceColumn> =>
  new Map(columns.map((column) => [column.name, column]));

/** The column of exactly that name, or `query.field` with the nearest names in `params.near`. */
export function resolveField(scope: Scope, name: string, pointer: string): Field {
  const derived = scope.derived?.get(name, scope.used, pointer);
  if (derived) return derived;
  const column = scope.columns.get(name);
  if (!column) throw unknownField(name, [...scope.columns.keys(), ...(scope.derived?.names ?? [])], pointer);
  scope.used?.add(name);
  const value = scope.expressions?.get(name) ?? ident(column.name);
  return storedField(value, column, scope.dialect);
}

export const storedField = (stored: Sql, column: SourceColumn, dialect: Dialect): Field => ({
  sql: readColumn(stored, column, dialect),
  column,
  stored,
});

export function unknownField(name: string, known: readonly string[], pointer: string): AppError {
  const near = nearNames(name, known);
  const hint = near.length > 0 ? `; did you mean ${near.map((n) => JSON.stringify(n)).join(' or ')}?` : '';
  return new AppError('query.field', `There is no field ${JSON.stringify(name)}${hint}`, {
    pointer,
    params: { field: name, near },
  });
}

/** The zone's name as given, or `request.invalid`: an IANA name, no offset. */
export function checkTimezone(name: string, pointer = '/timezone'): string {
  if (/^[A-Za-z]/.test(name) && isZone(name)) return name;
  throw new AppError(
    'request.invalid',
    `${JSON.stringify(name)} is not an IANA time zone such as Europe/Rome`,
    {
      pointer,
    },
  );
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
