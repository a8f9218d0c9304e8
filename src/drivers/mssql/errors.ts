import { AppError, type Code } from '../../base/errors.ts';
import { tlsError } from '../dial.ts';
import { longTextError } from '../long-text.ts';
import { connectionLost, connectTimeout, knownNetworkError } from '../network-errors.ts';

interface Meaning {
  code: Code;
  detail: string;
}

const meaning = (code: Code, detail: string): Meaning => ({ code, detail });

const LOGIN = meaning('datasource.login', 'The server refused the user or the password');
const DATABASE = meaning(
  'datasource.database',
  'The server has no such database, or the user may not open it',
);
const RIGHTS = meaning('datasource.rights', 'The database user lacks a right that the statement needs');
const SYNTAX = meaning('query.syntax', 'The server cannot parse the statement');
const NO_OBJECT = meaning(
  'query.failed',
  'The statement names a table, view or function that does not exist or may not be seen',
);
const NO_COLUMN = meaning('query.failed', 'The statement names a column that does not exist');
const AMBIGUOUS = meaning('query.failed', 'The statement names a column that two of its tables have');
const NOT_GROUPED = meaning('query.failed', 'A column is neither grouped nor aggregated');
const DIVISION = meaning('query.failed', 'A division by zero occurred');
const OVERFLOW = meaning(
  'query.failed',
  'A number is too large for its type; cast what is computed to a wider one, such as bigint or decimal(38, 6)',
);
const NO_SAMPLE = meaning(
  'query.failed',
  'TABLESAMPLE goes with a table of this database, not with a view, a function or another server',
);
const NO_FULLTEXT = meaning(
  'query.unsupported',
  'CONTAINS and FREETEXT need a full-text index on the table, which it has not; have one made, or use LIKE',
);
const CONVERSION = meaning(
  'query.failed',
  'A value cannot be converted to the type that the statement asks for',
);
const COLLATION = meaning('query.failed', 'Texts of two collations are compared');
const DEADLOCK = meaning('query.failed', 'The statement lost a deadlock and may be tried again');
const LOCKED = meaning('query.timeout', 'The statement waited too long for a lock');
const ENDED = meaning('query.cancelled', 'The server ended the statement');
const UNAVAILABLE = meaning('datasource.unreachable', 'The server is there but takes no queries now');
const RESOURCES = meaning('query.failed', 'The server ran out of memory or space for the statement');
const READ_ONLY = meaning('query.refused', 'The database is read-only');
const CASE_LEVELS = meaning(
  'query.unsupported',
  'SQL Server nests CASE at most ten levels deep, and the statement goes deeper',
);
const NO_NAME = meaning('query.failed', 'A column of a subquery has no name; give it one with AS');
const SAME_NAME = meaning('query.failed', 'Two columns of a subquery have one name; rename one with AS');
const UNKNOWN_FUNCTION = meaning(
  'query.failed',
  'The statement calls a function that the server does not have',
);

/** By error number; https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
const NUMBERS: ReadonlyMap<number, Meaning> = new Map([
  ...numbers(
    LOGIN,
    18_450,
    18_451,
    18_452,
    18_456,
    18_458,
    18_459,
    18_460,
    18_461,
    18_470,
    18_486,
    18_487,
    18_488,
  ),
  ...numbers(DATABASE, 911, 916, 4060, 4063, 4064),
  ...numbers(RIGHTS, 229, 230, 262, 297, 300, 371, 378, 15_151, 15_247, 6004),
  ...numbers(
    SYNTAX,
    102,
    103,
    105,
    111,
    116,
    117,
    119,
    120,
    121,
    137,
    155,
    156,
    170,
    174,
    189,
    319,
    1033,
    4145,
  ),
  ...numbers(NO_OBJECT, 208, 2812, 4121, 4122),
  ...numbers(NO_COLUMN, 207, 1911, 4104),
  ...numbers(AMBIGUOUS, 209),
  ...numbers(NOT_GROUPED, 8120, 8121, 8127, 145),
  ...numbers(UNKNOWN_FUNCTION, 195),
  ...numbers(CASE_LEVELS, 125),
  ...numbers(NO_NAME, 8155),
  ...numbers(SAME_NAME, 8156),
  ...numbers(DIVISION, 8134),
  ...numbers(OVERFLOW, 220, 232, 248, 517, 535, 8115),
  ...numbers(
    CONVERSION,
    206,
    241,
    242,
    244,
    245,
    257,
    260,
    291,
    295,
    402,
    529,
    8114,
    8116,
    8117,
    8152,
    8169,
    9420,
    13_609,
  ),
  ...numbers(COLLATION, 446, 447, 448, 449, 451, 457, 468),
  ...numbers(NO_SAMPLE, 494, 495),
  ...numbers(NO_FULLTEXT, 7601, 7609),
  ...numbers(DEADLOCK, 1205),
  ...numbers(LOCKED, 1222),
  ...numbers(ENDED, 596, 3617, 3621),
  ...numbers(
    UNAVAILABLE,
    233,
    6005,
    10_928,
    10_929,
    40_197,
    40_501,
    40_613,
    40_615,
    49_918,
    49_919,
    49_920,
    17_142,
    18_401,
  ),
  ...numbers(RESOURCES, 701, 802, 1101, 1105, 8645, 8651, 9002),
  ...numbers(READ_ONLY, 3906, 3908),
]);

function numbers(of: Meaning, ...list: number[]): [number, Meaning][] {
  return list.map((number) => [number, of]);
}

/** Severities 11 to 16 are the statement's fault, 14 is rights, from 20 on the connection ends. Compatible servers have numbers of their own. */
function byClass(severity: number): Meaning {
  if (severity === 14) return RIGHTS;
  if (severity === 17 || severity === 19) return RESOURCES;
  if (severity >= 20) return UNAVAILABLE;
  return meaning('query.failed', 'The server reported an error');
}

interface ServerError {
  number: number;
  class: number;
  message?: string;
}

const isServerError = (error: unknown): error is ServerError =>
  typeof error === 'object' && error !== null && typeof (error as Partial<ServerError>).number === 'number';

/** The error that says why; 3621 only says that the statement has ended. */
function telling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  return (
    error.errors.find((one) => isServerError(one) && NUMBERS.has(one.number) && one.number !== 3621) ??
    error.errors[0]
  );
}

const ENCRYPTION = meaning('datasource.tls', 'The server and these settings disagree about encryption');
const NO_INSTANCE = meaning('datasource.unreachable', 'The named instance was not found');
const OF_TEDIOUS: Readonly<Record<string, Meaning>> = { EENCRYPT: ENCRYPTION, EINSTLOOKUP: NO_INSTANCE };
const LOST_CODES = new Set(['ESOCKET', 'ECONNRESET', 'EPIPE', 'ECLOSE', 'EINVALIDSTATE']);
const TLS_TEXT = /certificate|CERT|SSL|TLS|altname|self.signed|unable to verify/i;

/** tedious wraps the socket's error into its own; the innermost comes first. */
function chainOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(chainOf) : chainOf(error.cause);
  return [...inner, error];
}

const codeOf = (error: Error) => String((error as { code?: unknown }).code ?? '');

/** The type that the server's text names; never a value. */
function typeIn({ number, message = '' }: ServerError): string {
  const isAboutTypes = NUMBERS.get(number) === OVERFLOW || NUMBERS.get(number) === CONVERSION;
  const type = isAboutTypes ? /\bdata type ([a-z]\w*)\.?(?:\s|$)/i.exec(message)?.[1] : undefined;
  return type === undefined ? '' : ` (type ${type})`;
}

function asAppError(what: Meaning, cause: unknown, number?: number, more = ''): AppError {
  return new AppError(what.code, what.detail + more, {
    cause,
    retryAfterS: what === DEADLOCK ? 1 : undefined,
    ...(number === undefined ? {} : { params: { vendorCode: number } }),
  });
}

/** Why a connection could not be made; `number` is the last error that the server named. */
export function connectError(error: unknown, number?: number): AppError {
  if (error instanceof AppError) return error;
  const byNumber = number === undefined ? undefined : NUMBERS.get(number);
  if (byNumber) return asAppError(byNumber, error, number);
  const chain = chainOf(error);
  if (chain.some((one) => codeOf(one) === 'ELOGIN')) return asAppError(LOGIN, error, number);
  if (chain.some((one) => codeOf(one) === 'ETIMEOUT')) return connectTimeout();
  for (const one of chain) {
    const known = knownNetworkError(one) ?? ofTedious(one);
    if (known) return known;
  }
  const broken = chain.find((one) => TLS_TEXT.test(`${one.message} ${codeOf(one)}`));
  return broken ? tlsError(broken) : connectionLost(error);
}

function ofTedious(error: Error): AppError | undefined {
  const known = OF_TEDIOUS[codeOf(error)];
  return known && asAppError(known, error);
}

/** Why a statement failed. Its detail never holds the server's text, which repeats names and values of the statement. */
export function statementError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const told = telling(error);
  const longText = longTextError(told);
  if (longText) return longText;
  if (isServerError(told))
    return asAppError(NUMBERS.get(told.number) ?? byClass(told.class), error, told.number, typeIn(told));
  if (isLoss(error)) return connectionLost(error);
  return new AppError('query.failed', 'The statement could not be run', { cause: error });
}

/** The connection is gone, so that another one may do better. */
export function isLoss(error: unknown): boolean {
  if (isServerError(telling(error))) return false;
  return chainOf(error).some((one) => LOST_CODES.has(codeOf(one)));
}
