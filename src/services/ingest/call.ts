import { AppError } from '../../base/errors.ts';
import type { HttpAuth, HttpRetry } from '../../domain/http-source.ts';
import type { OutboundAnswer, OutboundClient } from '../../outbound/client.ts';
import type { HttpAuthenticator } from './http-auth.ts';
import { type BuiltRequest, bodyText } from './request-template.ts';
import { isRetried, type RetryDeps, tryAgain, withRetries } from './retry.ts';

export interface CallDeps extends RetryDeps {
  outbound: OutboundClient;
  authenticator: HttpAuthenticator;
}

export interface Call {
  /** Made anew for each attempt: authentication changes it. */
  request(): BuiltRequest;
  auth: HttpAuth | undefined;
  retry: HttpRetry | undefined;
  /** Of the source, for messages; undefined where there are none. */
  page: number | undefined;
  /** Statuses that are an answer beside 2xx. */
  expected: readonly number[];
  signal: AbortSignal;
  onWait(failure: AppError, waitMs: number): void;
}

const MAX_REDIRECTS = 5;

const onPage = (page: number | undefined) => (page === undefined ? '' : ` for page ${page}`);

function statusFault({ status, place }: OutboundAnswer, page: number | undefined): AppError {
  const params = { sourceStatus: status, host: place, ...(page === undefined ? {} : { page }) };
  if (status === 401 || status === 403)
    return new AppError(
      'source.auth',
      `${place} refused the credentials with status ${status}${onPage(page)}`,
      {
        pointer: '/source/auth',
        params,
      },
    );
  return new AppError('source.http', `${place} answered with status ${status}${onPage(page)}`, {
    pointer: '/source',
    params,
  });
}

/** The failure of a call with the page it was for. */
function placed(error: unknown, page: number | undefined): unknown {
  if (!(error instanceof AppError) || page === undefined || error.params?.page !== undefined) return error;
  const { code, message, pointer = '/source', params, retryAfterS, cause } = error;
  return new AppError(code, message, { pointer, params: { ...params, page }, retryAfterS, cause });
}

/**
 * Calls a source and hands a good answer to `take`, all of it within the retries: an answer that breaks off is asked for again. A token that
 * is refused is renewed once. Throws `source.http`, `source.auth`, `outbound.*`, or what `take` throws.
 */
export async function call<T>(
  deps: CallDeps,
  what: Call,
  take: (answer: OutboundAnswer) => Promise<T>,
): Promise<T> {
  const { auth, retry, page, expected, signal, onWait } = what;
  let isRenewed = false;
  const attempt = async (): Promise<T> => {
    const answer = await send(deps, what);
    const { status } = answer;
    if ((status >= 200 && status < 300) || expected.includes(status)) {
      try {
        return await take(answer);
      } finally {
        await answer.discard();
      }
    }
    await answer.discard();
    if (status === 401 && !isRenewed && (await deps.authenticator.renew(auth))) {
      isRenewed = true;
      return attempt();
    }
    const failure = statusFault(answer, page);
    if (isRetried(status, retry)) throw tryAgain(failure, answer.headers['retry-after'], deps.clock.now());
    throw failure;
  };
  try {
    return await withRetries(retry, deps, signal, attempt, onWait);
  } catch (error) {
    throw placed(error, page);
  }
}

async function send(
  { outbound, authenticator }: CallDeps,
  { request, auth, signal }: Call,
): Promise<OutboundAnswer> {
  const built = request();
  await authenticator.apply(auth, built, signal);
  return outbound.send({
    purpose: 'ingest',
    method: built.method,
    url: built.url.href,
    headers: built.headers,
    body: bodyText(built.body),
    maxRedirects: MAX_REDIRECTS,
    signal,
  });
}
