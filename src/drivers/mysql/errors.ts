import { AppError, type Code } from '../../base/errors.ts';
import { tlsError } from '../dial.ts';
import { longTextError } from '../long-text.ts';
import { connectionLost, knownNetworkError, networkError } from '../network-errors.ts';

const OUT_OF_RANGE =
  'A number is out of the range of its type; cast what is computed, as in CAST(x AS SIGNED) or CAST(x AS DECIMAL(65, 10))';

/** By error number; our own words, since the server's may hold SQL text or values. */
const NUMBERS: Readonly<Record<number, readonly [code: Code, detail: string]>> = {
  1040: ['datasource.busy', 'The database server has no connection to spare'],
  1043: ['datasource.unreachable', 'The server did not understand the connection'],
  1044: ['datasource.database', 'The user may not use that database, or there is none of that name'],
  1045: ['datasource.login', 'The server refused the user or password'],
  1049: ['datasource.database', 'The server has no such database'],
  1053: ['datasource.unreachable', 'The database server is stopping'],
  1054: ['query.failed', 'The statement names a column that does not exist'],
  1052: ['query.failed', 'The statement names a column that could be one of several'],
  1055: ['query.failed', 'A column must be grouped or aggregated'],
  1056: ['query.failed', 'The statement groups by what cannot be grouped by'],
  1064: ['query.syntax', 'The database cannot parse the statement'],
  1065: ['query.syntax', 'The statement is empty'],
  1104: ['query.failed', 'The statement would look at more rows than the database allows'],
  1109: ['query.failed', 'The statement names a table that does not exist'],
  1111: ['query.failed', 'An aggregate stands where none may'],
  1129: ['datasource.login', 'The server blocks this host after too many failed connections'],
  1130: ['datasource.login', 'The server does not let this host in'],
  1140: ['query.failed', 'A column must be grouped or aggregated'],
  1142: ['datasource.rights', 'The database user may not read what the statement names'],
  1143: ['datasource.rights', 'The database user may not read what the statement names'],
  1146: ['query.failed', 'The statement names a table that does not exist'],
  1153: ['query.failed', 'The statement is larger than the database allows'],
  1191: [
    'query.unsupported',
    'MATCH needs a FULLTEXT index on exactly these columns, and the table has none; have one made, or use LIKE',
  ],
  1203: ['datasource.busy', 'The database user has no connection to spare'],
  1205: ['query.failed', 'The statement waited too long for a lock'],
  1213: ['query.failed', 'The statement was ended because of a deadlock; it may be tried again'],
  1226: ['datasource.busy', 'The database user has used up its share of the server'],
  1227: ['datasource.rights', 'The database user lacks a right that the statement needs'],
  1251: ['datasource.login', 'The server wants a way to sign in that cannot be used here'],
  1264: ['query.failed', OUT_OF_RANGE],
  1267: ['query.failed', 'Texts of two collations are compared'],
  1271: ['query.failed', 'Texts of two collations are compared'],
  1290: ['query.refused', 'The statement would write, and the session is read-only'],
  1292: ['query.failed', 'A text is not a valid value of its type'],
  1305: ['query.failed', 'There is no such function'],
  1317: ['query.cancelled', 'The query was cancelled'],
  1365: ['query.failed', 'The statement divides by zero'],
  1370: ['datasource.rights', 'The database user may not call what the statement names'],
  1690: ['query.failed', OUT_OF_RANGE],
  1698: ['datasource.login', 'The server refused the user or password'],
  1792: ['query.refused', 'The statement would write, and the session is read-only'],
  1820: ['datasource.login', 'The password has expired'],
  1862: ['datasource.login', 'The password has expired'],
  1927: ['datasource.unreachable', 'The database server ended the connection'],
  1969: ['query.timeout', 'The database ended the statement at its time limit'],
  3024: ['query.timeout', 'The database ended the statement at its time limit'],
  3118: ['datasource.login', 'The account is locked'],
  3159: ['datasource.tls', 'The server takes encrypted connections only'],
  4151: ['datasource.login', 'The account is locked'],
};

/** Seconds after which the same may succeed. */
const RETRY_AFTER_S: Readonly<Record<number, number>> = { 1040: 5, 1053: 5, 1203: 5, 1205: 1, 1213: 1 };
export const CANCELLED = 1317;

/** What the driver itself says by words instead of a number. */
const CODES: Readonly<Record<string, readonly [code: Code, detail: string]>> = {
  HANDSHAKE_NO_SSL_SUPPORT: ['datasource.tls', 'The server does not offer encrypted connections'],
  HANDSHAKE_SSL_ERROR: ['datasource.tls', 'The encrypted connection could not be made'],
  AUTH_SWITCH_PLUGIN_ERROR: [
    'datasource.login',
    'The server wants a way to sign in that cannot be used here',
  ],
};

export function errorNumberOf(error: unknown): number | undefined {
  const number = (error as { errno?: unknown } | undefined)?.errno;
  return typeof number === 'number' && number >= 1000 ? number : undefined;
}

/** What the server's text names; never a value or an expression. */
const NAMED: Readonly<Record<number, RegExp>> = {
  1292: /incorrect (\w+) value/i,
  1690: /^((?:BIGINT|INT|DOUBLE|DECIMAL|FLOAT)(?: UNSIGNED)?) value/i,
};

function typeIn(number: number, error: unknown): string {
  const type = NAMED[number]?.exec(error instanceof Error ? error.message : '')?.[1];
  return type === undefined ? '' : ` (type ${type.toLowerCase()})`;
}

/** Anything that the driver or the server throws. */
export function mysqlError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // The library hangs the statement on its errors; it is nobody's to log.
  if (error instanceof Error && 'sql' in error) error.sql = undefined;
  const number = errorNumberOf(error);
  const { code, sqlState } = (error ?? {}) as { code?: string; sqlState?: string };
  const longText = longTextError(error);
  if (longText) return longText;
  if (number !== undefined) {
    const [appCode, detail] = NUMBERS[number] ?? ['query.failed', 'The database could not run the statement'];
    return new AppError(appCode, `${detail}${typeIn(number, error)}`, {
      cause: error,
      params: { errorNumber: number, ...(sqlState === undefined ? {} : { sqlState }) },
      retryAfterS: RETRY_AFTER_S[number],
    });
  }
  const own = code === undefined ? undefined : CODES[code];
  if (own) return code === 'HANDSHAKE_SSL_ERROR' ? tlsError(error) : new AppError(...own, { cause: error });
  return knownNetworkError(error) ?? (code === undefined ? connectionLost(error) : networkError(error));
}
