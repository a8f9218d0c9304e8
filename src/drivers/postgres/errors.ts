import postgres from 'postgres';
import { AppError, type Code } from '../../base/errors.ts';
import { longTextError } from '../long-text.ts';
import { connectionLost, knownNetworkError, networkError } from '../network-errors.ts';

/** By SQLSTATE, then by its class (first two characters); our own words, since the server's may hold SQL text or values. */
const STATES: Readonly<Record<string, readonly [code: Code, detail: string]>> = {
  '08': ['datasource.unreachable', 'The connection to the server failed'],
  '0A': [
    'query.unsupported',
    'The database does not support what the statement asks for; where tables are distributed over servers, a join goes by the columns that they are distributed by',
  ],
  '22': ['query.failed', 'The statement meets a value that it cannot work with'],
  '22001': ['query.failed', 'A text is too long for its type'],
  '22003': [
    'query.failed',
    'A number is out of the range of its type; cast what is computed to a wider one, such as numeric',
  ],
  '22007': ['query.failed', 'A text is not a valid date or time'],
  '22008': ['query.failed', 'A date or time is out of range'],
  '22012': ['query.failed', 'The statement divides by zero'],
  '22P05': ['query.failed', "A text has a character that the database's encoding lacks"],
  '22P02': ['query.failed', 'A text is not a valid value of its type'],
  '25006': ['query.refused', 'The statement would write, and the session is read-only'],
  '2D000': [
    'query.refused',
    'A function that the statement calls ends the transaction, which may not be done within a query; call another function',
  ],
  '2F003': [
    'datasource.rights',
    'The statement reads a foreign table whose user mapping has no password, which only a superuser may do; have an admin give the mapping a password',
  ],
  '28': ['datasource.login', 'The server does not let this user in from here'],
  '28P01': ['datasource.login', 'The server refused the user or password'],
  '3D': ['datasource.database', 'The server has no such database'],
  '3F': ['query.failed', 'The statement names a schema that does not exist'],
  '40001': ['query.failed', 'The statement collided with another transaction; it may be tried again'],
  '40P01': ['query.failed', 'The statement was ended because of a deadlock; it may be tried again'],
  '42': ['query.failed', 'The database refuses the statement'],
  '42501': ['datasource.rights', 'The database user may not read what the statement names'],
  '42601': ['query.syntax', 'The database cannot parse the statement'],
  '42702': ['query.failed', 'The statement names a column that could be one of several'],
  '42703': ['query.failed', 'The statement names a column that does not exist'],
  '42725': ['query.failed', 'The statement calls a function that could be one of several'],
  '42803': ['query.failed', 'A column must be grouped or aggregated'],
  '42804': ['query.failed', 'The types of an expression do not fit'],
  '42846': ['query.failed', 'A value cannot be cast to the type'],
  '42883': ['query.failed', 'There is no such function or operator for these types'],
  '42P01': ['query.failed', 'The statement names a table that does not exist'],
  '42P02': ['query.failed', 'The statement has a parameter without a value'],
  '42P08': ['query.failed', 'The type of a parameter is not clear'],
  '42P18': ['query.failed', 'The type of a parameter is not clear'],
  '42P21': ['query.failed', 'Texts of two collations are compared'],
  '42P22': ['query.failed', 'Texts of two collations are compared'],
  '53': ['query.failed', 'The database server lacks resources'],
  '53300': ['datasource.busy', 'The database server has no connection to spare'],
  '54': ['query.failed', 'The statement is larger than the database allows'],
  '55P03': ['query.failed', 'The statement waited too long for a lock'],
  '57014': ['query.cancelled', 'The query was cancelled'],
  '57P01': ['datasource.unreachable', 'The database server ended the connection'],
  '57P02': ['datasource.unreachable', 'The database server ended the connection'],
  '57P03': ['datasource.unreachable', 'The database server is starting or stopping'],
  '57P05': ['datasource.unreachable', 'The database server ended the connection'],
};

type ServerError = postgres.PostgresError;

const isServerError = (error: unknown): error is ServerError => error instanceof postgres.PostgresError;

/** Seconds after which the same may succeed. */
const RETRY_AFTER_S: Readonly<Record<string, number>> = {
  '53300': 5,
  '57P03': 5,
  // Also what a replica says that replays changes of the rows which are read.
  '40001': 1,
  '40P01': 1,
  '55P03': 1,
};

export const CANCELLED = '57014';

/** A cancel on request and the time limit have one SQLSTATE; where the server speaks another language, the time limit is the likelier. */
const isStatementTimeout = ({ code, message }: ServerError) =>
  code === CANCELLED && !/user request/i.test(message);

export const sqlStateOf = (error: unknown): string | undefined =>
  isServerError(error) ? error.code : undefined;

const RECOVERY_CONFLICT =
  'The standby ended the statement, because it had to replay changes of the rows that are read; try again, or have its admin set hot_standby_feedback = on or raise max_standby_streaming_delay';

const SAMPLE_OF_VIEW =
  'TABLESAMPLE goes with tables and materialized views only; name one, or use WHERE random() < 0.1 for about a tenth of the rows';

/** The name of the server's function is the same in every language of its messages. */
const isRecoveryConflict = ({ code, message, routine = '' }: ServerError) =>
  (code === '40001' || code === '40P01') &&
  (/conflict with recovery/i.test(message) || /RecoveryConflict|ProcessInterrupts/.test(routine));

/** Types that the server's text may name; never a value. */
const TYPE_NAMED =
  /\b(?:type |^)?(smallint|integer|bigint|int2|int4|int8|numeric|real|double precision|money|date|time|timestamp(?: with(?:out)? time zone)?|timestamptz|interval|oid)\b/i;
const ABOUT_VALUES = new Set(['22003', '22007', '22008', '22P02']);

/** The type, table and column that the server names. */
function placeIn({ code, message, table_name: table, column_name: column }: ServerError): string {
  if (!ABOUT_VALUES.has(code)) return '';
  const type = TYPE_NAMED.exec(message.replace(/".*"/s, ''))?.[1];
  const column_ = column ? `, column ${table ? `${table}.` : ''}${column}` : '';
  return type || column_
    ? ` (${[type && `type ${type.toLowerCase()}`, column_.slice(2)].filter(Boolean).join(', ')})`
    : '';
}

function serverError(error: ServerError): AppError {
  const state = error.code;
  const longText = longTextError(error);
  if (longText) return longText;
  if (isStatementTimeout(error))
    return new AppError('query.timeout', 'The database ended the statement at its time limit', {
      cause: error,
      params: { sqlState: state },
    });
  const [code, told] = STATES[state] ??
    STATES[state.slice(0, 2)] ?? ['query.failed', 'The database could not run the statement'];
  if (state === '0A000' && /TABLESAMPLE/.test(error.message))
    return new AppError('query.unsupported', SAMPLE_OF_VIEW, { cause: error, params: { sqlState: state } });
  const detail = isRecoveryConflict(error) ? RECOVERY_CONFLICT : `${told}${placeIn(error)}`;
  const position = error.position === undefined ? undefined : Number(error.position);
  return new AppError(code, position === undefined ? detail : `${detail} (at character ${position})`, {
    cause: error,
    params: { sqlState: state, ...(position === undefined ? {} : { position }) },
    retryAfterS: RETRY_AFTER_S[state],
  });
}

/** Anything that the driver or the server throws. */
export function postgresError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isServerError(error)) return serverError(error);
  const known = knownNetworkError(error);
  if (known) return known;
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === 'SASL_SIGNATURE_MISMATCH')
    return new AppError('datasource.login', 'The server could not prove that it knows the password', {
      cause: error,
    });
  if (code === 'MAX_PARAMETERS_EXCEEDED')
    return new AppError('query.failed', 'The statement has too many parameters', { cause: error });
  return code === undefined ? connectionLost(error) : networkError(error);
}

/** Whether it is the connection that failed, and not one statement on it. */
export function isOfConnection(error: unknown): boolean {
  const { code } = postgresError(error);
  return code.startsWith('datasource.') && code !== 'datasource.rights';
}
