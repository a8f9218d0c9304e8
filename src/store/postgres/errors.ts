import { AppError, type Code } from '../../base/errors.ts';
import { isOfConnection, postgresError, sqlStateOf } from '../../drivers/postgres/errors.ts';

interface Meaning {
  code: Code;
  detail: string;
  retryAfterS?: number;
  reason?: string;
}

const LOCKED: Meaning = {
  code: 'storage.busy',
  detail: 'Another process writes the metadata for too long',
  retryAfterS: 5,
  reason: 'locked',
};
const SLOW: Meaning = {
  code: 'storage.busy',
  detail: 'The metadata server took too long',
  retryAfterS: 5,
};
const COLLIDED: Meaning = {
  code: 'storage.busy',
  detail: 'The change of the metadata collided with another one',
  retryAfterS: 1,
  reason: 'collided',
};
const READ_ONLY: Meaning = {
  code: 'storage.unusable',
  detail: 'The metadata server takes no writes; METADATA_DB_PATH must name the primary',
  retryAfterS: 5,
};

/** By SQLSTATE; what is not here is a fault of ours and leaves as it is. */
const STATES: Readonly<Record<string, Meaning>> = {
  // A standby says so of a transaction that would write.
  '0A000': READ_ONLY,
  '22021': { code: 'request.invalid', detail: 'A text has a character that cannot be stored (NUL)' },
  '25006': READ_ONLY,
  '40001': COLLIDED,
  '40P01': COLLIDED,
  '42501': { code: 'storage.unusable', detail: 'The user of METADATA_DB_PATH lacks a right on the metadata' },
  '53100': { code: 'storage.full', detail: 'There is no room on the disk of the metadata server' },
  '53300': { code: 'storage.busy', detail: 'The metadata server has no connection to spare', retryAfterS: 5 },
  '55P03': LOCKED,
  '57014': SLOW,
};

const UNREACHABLE = { code: 'storage.unreachable', retryAfterS: 5 } as const;

/** What the drivers say of a connection, in the words of the metadata. */
const CONNECTION: Partial<Record<Code, { code: Code; retryAfterS?: number }>> = {
  'datasource.unreachable': UNREACHABLE,
  'datasource.busy': { code: 'storage.busy', retryAfterS: 5 },
  'datasource.tls': { code: 'storage.unusable' },
  'datasource.login': { code: 'storage.unusable' },
  'datasource.database': { code: 'storage.unusable' },
};

const toError = ({ code, detail, retryAfterS, reason }: Meaning, cause: unknown) =>
  new AppError(code, detail, {
    cause,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    ...(reason === undefined ? {} : { params: { reason } }),
  });

function connectionError(error: unknown): AppError {
  const told = postgresError(error);
  const meaning = CONNECTION[told.code] ?? UNREACHABLE;
  const detail = `The metadata in METADATA_DB_PATH cannot be used: ${told.message}`;
  return toError({ reason: 'connection', ...meaning, detail }, error);
}

/** Anything that the connection or the server threw. A broken constraint stays what it is, for `isUniqueViolation`. */
export function metadataError(error: unknown): unknown {
  if (error instanceof AppError && !error.code.startsWith('datasource.')) return error;
  const known = STATES[sqlStateOf(error) ?? ''];
  if (known) return toError(known, error);
  const hasCode = typeof (error as { code?: unknown } | undefined)?.code === 'string';
  return hasCode && isOfConnection(error) ? connectionError(error) : error;
}

const reasonOf = (error: unknown) => (error instanceof AppError ? error.params?.reason : undefined);

/** The server did nothing of the statement, and the same may succeed at once. */
export const mayTryAgain = (error: unknown): boolean =>
  ['collided', 'connection'].includes(String(reasonOf(error))) &&
  (error as AppError).code !== 'storage.unusable';
