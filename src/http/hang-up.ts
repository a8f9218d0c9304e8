import { AppError } from '../base/errors.ts';

/** Aborts with an AppError when the client goes. */
export function hangUp(request: Request): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new AppError('request.aborted', 'The client ended the request'));
  if (request.signal.aborted) abort();
  else request.signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
