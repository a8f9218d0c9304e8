import { AppError, describe } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';
import { contextOf } from './context.ts';
import { faultOf } from './faults.ts';
import { hangUp } from './hang-up.ts';
import { problemOf } from './problem.ts';

/** Tells the client of an event; a name and what goes with it as JSON. */
export type Tell = (event: string, data: object) => void;

export const EVENT_STREAM = 'text/event-stream';

export const wantsEvents = (request: Request): boolean =>
  (request.headers.get('accept') ?? '').toLowerCase().includes(EVENT_STREAM);

const HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store',
  'x-accel-buffering': 'no', // Nginx would keep events back
};

const encoder = new TextEncoder();
const eventBytes = (event: string, data: object) =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const HEARTBEAT = encoder.encode(': alive\n\n');

/**
 * The work's answer as server-sent events (WHATWG HTML, 9.2): what it tells of, comments so that no proxy takes it for dead, then `result` with the
 * answer, or `error` with the problem. What fails before anything was told rejects, so that it has its own status. The signal aborts when
 * the client goes.
 */
export async function eventStream(
  request: Request,
  { heartbeatMs, log }: { heartbeatMs: number; log: Log },
  work: (tell: Tell, signal: AbortSignal) => Promise<object>,
): Promise<Response> {
  const gone = new AbortController();
  const signal = AbortSignal.any([hangUp(request), gone.signal]);
  const opened = Promise.withResolvers<void>();
  let isOpen = false;
  let isOver = false;
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      isOver = true;
      gone.abort(new AppError('request.aborted', 'The client ended the request'));
    },
  });
  const send = (bytes: Uint8Array) => {
    if (isOver) return;
    isOpen = true;
    opened.resolve();
    controller.enqueue(bytes);
  };
  const beats = setInterval(() => send(HEARTBEAT), heartbeatMs);
  const ended = work((event, data) => send(eventBytes(event, data)), signal)
    .then((result) => send(eventBytes('result', result)))
    .catch((error: unknown) => {
      if (!isOpen) throw error;
      const context = contextOf(request);
      const fault = faultOf(error);
      context.fault = fault;
      const { requestId, route } = context;
      log.warning('http.streamFailed', {
        requestId,
        route: route?.pattern,
        code: fault.code,
        cause: describe(fault.cause ?? fault),
      });
      send(eventBytes('error', problemOf(fault, requestId)));
    })
    .finally(() => {
      clearInterval(beats);
      if (!isOver) controller.close();
      isOver = true;
    });
  await Promise.race([opened.promise, ended]);
  return new Response(stream, { headers: HEADERS });
}
