import { AppError } from '../../base/errors.ts';

/** What work with the bucket fails with. */
export const BUCKET_CODES = [
  'bucket.unreachable',
  'bucket.refused',
  'bucket.missing',
  'bucket.damaged',
] as const;

/** What a server says where asking again changes nothing, in words for an operator. */
const REFUSALS: Readonly<Record<string, string>> = {
  AccessDenied: 'The bucket does not allow the request; the key lacks a right',
  InvalidAccessKeyId: 'The bucket does not know the access key',
  SignatureDoesNotMatch: 'The bucket refuses the secret of the access key, or it is of another region',
  AuthorizationHeaderMalformed: 'The bucket is of another region than DATASETS_S3_REGION says',
  ExpiredToken: 'The session of the access key has ended',
  InvalidToken: 'The session token that goes with the access key is not valid',
  RequestTimeTooSkewed: 'The clock of this host and that of the bucket differ by more than the bucket allows',
  NoSuchBucket: 'There is no such bucket',
  PermanentRedirect: 'The bucket is at another endpoint',
  MethodNotAllowed: 'The endpoint does not take the request; it may be no S3 server',
};

const RETRY_AFTER_S = 10;

const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? '');

/** Whether the same request may succeed a moment later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof AppError ? error.code === 'bucket.unreachable' : false;

/** What Bun's client throws, as an error for the client; what is none of the bucket's stays as it is. */
export function toBucketError(error: unknown): unknown {
  if (error instanceof AppError || (error as Error | undefined)?.name !== 'S3Error') return error;
  const reason = codeOf(error);
  const more = { params: { reason }, retryAfterS: RETRY_AFTER_S, cause: error };
  if (reason === 'NoSuchKey')
    return new AppError('bucket.missing', 'The bucket lacks a file of the dataset', more);
  const refused = REFUSALS[reason];
  if (refused) return new AppError('bucket.refused', refused, more);
  return new AppError('bucket.unreachable', 'The bucket of the datasets does not answer', more);
}

export const silent = (seconds: number): AppError =>
  new AppError('bucket.unreachable', `The bucket of the datasets was silent for ${seconds} s`, {
    params: { reason: 'Timeout' },
    retryAfterS: RETRY_AFTER_S,
  });

export const damaged = (what: string): AppError =>
  new AppError('bucket.damaged', what, { retryAfterS: RETRY_AFTER_S });
