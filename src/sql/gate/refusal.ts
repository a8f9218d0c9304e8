import { AppError } from '../../base/errors.ts';

/** Why a statement is refused, as `params.reason` says it, with the sentence shown. */
export const REASONS = {
  tooLong: 'The statement is longer than allowed',
  tooComplex: 'The statement is nested too deeply or too long',
  statements: 'Only one statement is allowed',
  notSelect: 'Only SELECT, WITH and VALUES are allowed',
  writes: 'The statement would change data or state',
  into: 'INTO is not allowed',
  lock: 'Locking clauses and hints are not allowed',
  function: 'The statement calls a function that is not allowed',
  table: 'The statement reads a table that is not allowed',
  type: 'The statement uses a type that is not allowed',
  variable: 'Variables and positional placeholders are not allowed; use :name',
  character: 'The statement holds a character that is not allowed outside quotes',
  comment:
    'A comment holds another comment (/* … /* … */), is a hint or code for some servers (/*+, /*!, /*M!), or is not closed; take it out',
  ambiguous: 'The statement can be read in more than one way',
  keyword: 'The statement holds a keyword that is not allowed',
  syntax: 'The statement uses syntax that is not allowed',
  limit: 'The statement is larger than allowed',
  unbounded: 'The statement may make a value of any size',
} as const;

export type Reason = keyof typeof REASONS;

/** Reasons whose sentence ends in the name that is refused. */
const NAMING: ReadonlySet<Reason> = new Set(['function', 'table', 'type', 'keyword']);
const FUNCTION_REMEDY =
  '. An admin can list functions of extensions and of your own in settings.allowFunctions of the datasource';

/** Where something stands in the caller's text. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The setting behind a reason. */
const LIMITS: Partial<Record<Reason, string>> = { tooLong: 'SQL_MAX_BYTES', tooComplex: 'SQL_MAX_DEPTH' };

/** `what` is a name of the statement such as a function; never a literal or a longer piece of it. */
export function refused(
  reason: Reason,
  options: { what?: string; place?: Place; canBeListed?: boolean } = {},
): AppError {
  const what = options.what?.slice(0, 128);
  const named = what === undefined || !NAMING.has(reason) ? '' : `: ${what}`;
  const remedy = reason === 'function' && options.canBeListed ? FUNCTION_REMEDY : '';
  const where = options.place ? ` (line ${options.place.line}, column ${options.place.column})` : '';
  const limit = LIMITS[reason];
  return new AppError('query.refused', `${REASONS[reason]}${named}${where}${remedy}`, {
    pointer: '/sql',
    params: { reason, ...(what === undefined ? {} : { what }), ...(limit && { limit }), ...options.place },
  });
}

/** Of syntax that other engines have and this one has not. */
export function lacking(advice: string, place: Place): AppError {
  return new AppError('query.unsupported', `${advice} (line ${place.line}, column ${place.column})`, {
    pointer: '/sql',
    params: { ...place },
  });
}

export function badSyntax(place: Place | null): AppError {
  const where = place ? ` near line ${place.line}, column ${place.column}` : '';
  return new AppError('query.syntax', `The statement cannot be parsed${where}`, {
    pointer: '/sql',
    params: { ...place },
  });
}
