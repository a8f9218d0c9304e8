import { type AppError, CODES, type Code } from '../base/errors.ts';

/** The one place that knows HTTP status. */
export const STATUS: Record<Code, number> = {
  'request.invalid': 400,
  'request.parse': 400,
  'request.tooLarge': 413,
  'request.unsupportedMedia': 415,
  'request.aborted': 499,
  'request.tooSlow': 408,
  'request.csrf': 403,
  'route.notFound': 404,
  'route.method': 405,
  'auth.required': 401,
  'auth.invalid': 401,
  'auth.forbidden': 403,
  'auth.throttled': 429,
  'resource.notFound': 404,
  'resource.conflict': 409,
  'datasource.unreachable': 502,
  'datasource.tls': 502,
  'datasource.login': 502,
  'datasource.database': 502,
  'datasource.rights': 403,
  'datasource.busy': 503,
  'model.multiplies': 422,
  'query.refused': 403,
  'query.syntax': 400,
  'dataset.badRows': 422,
  'dataset.badFile': 422,
  'dataset.empty': 422,
  'dataset.fewerRows': 409,
  'dataset.owned': 409,
  'sync.drift': 409,
  'sync.value': 422,
  'query.field': 400,
  'query.type': 400,
  'query.ambiguous': 400,
  'query.unsupported': 422,
  'query.not_built': 501,
  'query.timeout': 504,
  'query.cancelled': 409,
  'query.failed': 422,
  'query.dangerous': 422,
  'limit.cells': 422,
  'limit.bytes': 422,
  'limit.memory': 422,
  'limit.rows': 422,
  'limit.rate': 429,
  'limit.user': 429,
  'outbound.blocked': 403,
  'outbound.unreachable': 502,
  'outbound.tls': 502,
  'outbound.timeout': 504,
  'outbound.redirect': 502,
  'outbound.answer': 502,
  'outbound.tooLarge': 502,
  'source.http': 502,
  'source.auth': 502,
  'source.paging': 502,
  'source.format': 502,
  'source.template': 422,
  'source.folder': 422,
  'secret.missing': 422,
  'run.aborted': 409,
  'run.fenced': 409,
  'run.timeout': 504,
  'ai.notConfigured': 409,
  'ai.auth': 502,
  'ai.quota': 502,
  'ai.rate': 503,
  'ai.context': 422,
  'ai.refused': 422,
  'ai.model': 502,
  'ai.unavailable': 502,
  'ai.badOutput': 502,
  'ai.timeout': 504,
  'ai.budget': 429,
  overloaded: 503,
  'worker.died': 503,
  'storage.full': 507,
  'storage.unusable': 500,
  'storage.busy': 503,
  'storage.unreachable': 503,
  'storage.sealed': 500,
  'bucket.unreachable': 503,
  'bucket.refused': 503,
  'bucket.missing': 503,
  'bucket.damaged': 503,
  'backup.invalid': 422,
  'backup.unsupported': 501,
  internal: 500,
};

export const PROBLEM_TYPE = 'application/problem+json';

/** A problem as RFC 9457 has it; params of the error are members beside these. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: Code;
  requestId: string;
  pointer?: string;
  [param: string]: unknown;
}

export function problemOf(error: AppError, requestId: string): Problem {
  const problem = {
    type: `/api/docs/errors#${error.code}`,
    title: CODES[error.code],
    status: STATUS[error.code],
    detail: error.message,
    instance: `urn:request:${requestId}`,
    code: error.code,
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    requestId,
  };
  return { ...problem, ...error.params, ...problem };
}

function problemHeaders(error: AppError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  if (error.retryAfterS !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterS));
  if (STATUS[error.code] === 401) headers['www-authenticate'] = 'Bearer realm="reporting-api"';
  const allow = error.params?.allow;
  if (error.code === 'route.method' && Array.isArray(allow)) headers.allow = allow.join(', ');
  return headers;
}

export function problemResponse(error: AppError, requestId: string): Response {
  const bytes = Buffer.from(JSON.stringify(problemOf(error, requestId)));
  const headers = { ...problemHeaders(error), 'content-length': String(bytes.length) };
  return new Response(bytes, { status: STATUS[error.code], headers });
}
