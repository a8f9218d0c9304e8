/**
 * Every error code of the service with its title. A code is part of the API: it is documented in
 * `docs/errors` of README and never renamed. HTTP status lives in http/problem.ts only.
 */
export const CODES = {
  'request.invalid': 'The request is not valid',
  'request.parse': 'The request body could not be read',
  'request.tooLarge': 'The request is larger than allowed',
  'request.unsupportedMedia': 'The content type is not supported',
  'request.aborted': 'The client ended the request',
  'request.tooSlow': 'The body comes too slowly',
  'request.csrf': 'The request lacks its CSRF token',
  'route.notFound': 'There is no such endpoint',
  'route.method': 'The endpoint does not take this method',
  'auth.required': 'Sign-in is required',
  'auth.invalid': 'The credentials are not valid',
  'auth.forbidden': 'Not allowed',
  'auth.throttled': 'Too many failed sign-ins',
  'resource.notFound': 'There is no such resource',
  'resource.conflict': 'The resource exists or was changed meanwhile',
  'datasource.unreachable': 'The database server cannot be reached',
  'datasource.tls': 'The encrypted connection to the database could not be made',
  'datasource.login': 'The database refused the user or password',
  'datasource.database': 'The server has no such database',
  'datasource.rights': 'The database user lacks a right',
  'datasource.busy': 'The database has no connection to spare',
  'model.multiplies': 'A join of the model would multiply rows',
  'query.refused': 'The statement is not allowed',
  'query.syntax': 'The statement cannot be parsed',
  'dataset.badRows': 'The file has rows that cannot be read',
  'dataset.badFile': 'The file cannot be read',
  'dataset.empty': 'The file has no rows and no columns',
  'dataset.fewerRows': 'The file has far fewer rows than the dataset',
  'dataset.owned': 'The dataset belongs to a sync task',
  'sync.drift': 'The source changed its columns',
  'sync.value': 'A value does not fit its column',
  'query.field': 'The query names a field that does not exist',
  'query.type': 'The query uses a field in a way its type does not allow',
  'query.ambiguous': 'The query uses one name for two things',
  'query.unsupported': 'The engine cannot do this',
  'query.not_built': 'This service does not do this yet',
  'query.timeout': 'The query passed its deadline',
  'query.cancelled': 'The query was cancelled',
  'query.failed': 'The query failed',
  'query.dangerous': 'The query ended the process that ran it',
  'limit.cells': 'The pivot has more cells than allowed',
  'limit.rows': 'The answer has more rows than allowed',
  'limit.bytes': 'The answer is larger than allowed',
  'limit.memory': 'The query needs more memory than allowed',
  'limit.rate': 'Too many requests',
  'limit.user': 'Too many queries of one user at once',
  'outbound.blocked': 'The address may not be called',
  'outbound.unreachable': 'The server cannot be reached',
  'outbound.tls': 'The encrypted connection could not be made',
  'outbound.timeout': 'The server did not answer in time',
  'outbound.redirect': 'The server redirects where it may not',
  'outbound.answer': 'The answer of the server cannot be read',
  'outbound.tooLarge': 'The answer of the server is larger than allowed',
  'source.http': 'The source answered with an error',
  'source.auth': 'The source refused the credentials',
  'source.paging': 'The pages of the source do not come to an end',
  'source.format': 'What the source sent is not what was announced',
  'source.template': 'A placeholder of the request has no value',
  'source.folder': 'The watched folder cannot be read',
  'secret.missing': 'There is no secret of that name',
  'run.aborted': 'The run was aborted',
  'run.fenced': 'The run belongs to another process',
  'run.timeout': 'The run took longer than allowed',
  'ai.notConfigured': 'No AI provider is set up',
  'ai.auth': 'The AI provider refused the key',
  'ai.quota': 'The AI account has nothing left',
  'ai.rate': 'The AI provider wants fewer requests',
  'ai.context': 'The request is too long for the model',
  'ai.refused': 'The model declined to answer',
  'ai.model': 'The AI provider does not take the request',
  'ai.unavailable': 'The AI provider does not answer',
  'ai.badOutput': 'The model gave no usable answer',
  'ai.timeout': 'The AI request took longer than allowed',
  'ai.budget': 'The daily budget of AI tokens is used up',
  overloaded: 'The service is at its limit',
  'worker.died': 'A worker ended while it ran the query',
  'storage.full': 'There is no room on the disk',
  'storage.unusable': 'The storage cannot be used',
  'storage.busy': 'The metadata is in use by others for too long',
  'storage.unreachable': 'The metadata server cannot be reached',
  'storage.sealed': 'A stored secret cannot be opened',
  'bucket.unreachable': 'The bucket of the datasets cannot be reached',
  'bucket.refused': 'The bucket of the datasets refused the request',
  'bucket.missing': 'The bucket lacks a file of the dataset',
  'bucket.damaged': 'A file in the bucket is not what was put there',
  'backup.invalid': 'The backup cannot be used',
  'backup.unsupported': 'This metadata is not backed up by the service',
  internal: 'The service failed',
} as const;

export type Code = keyof typeof CODES;

export interface ErrorOptions {
  /** RFC 6901 pointer to the field at fault. */
  pointer?: string | undefined;
  /** Facts for the client, beside the text; must hold no secret, SQL text or parameter. */
  params?: Record<string, unknown> | undefined;
  /** Seconds after which the same request may succeed. */
  retryAfterS?: number | undefined;
  /** What lies behind it; reaches the log only. */
  cause?: unknown;
}

/** The one error that may leave a room. `detail` is shown to the client. */
export class AppError extends Error {
  readonly code: Code;
  readonly pointer: string | undefined;
  readonly params: Record<string, unknown> | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: Code, detail: string, options: ErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.pointer = options.pointer;
    this.params = options.params;
    this.retryAfterS = options.retryAfterS;
  }
}

/** An AppError as plain data, to cross a worker's boundary. */
export interface ErrorData {
  code: Code;
  detail: string;
  pointer?: string | undefined;
  params?: Record<string, unknown> | undefined;
  retryAfterS?: number | undefined;
  /** For the log: text and stack of the cause. */
  cause?: string | undefined;
}

export function toErrorData(error: unknown): ErrorData {
  if (error instanceof AppError) {
    const { code, message: detail, pointer, params, retryAfterS } = error;
    return {
      code,
      detail,
      pointer,
      params,
      retryAfterS,
      cause: error.cause ? describe(error.cause) : undefined,
    };
  }
  return { code: 'internal', detail: 'An unexpected error occurred', cause: describe(error) };
}

export function fromErrorData(data: ErrorData): AppError {
  const { code, detail, ...options } = data;
  return new AppError(code, detail, options);
}

/** Text of anything thrown, for the log. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
