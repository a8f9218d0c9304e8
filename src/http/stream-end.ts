/** Whose turn it is: the service's to give more, or the client's to take what was given. */
export interface Pace {
  mayBeSilent?(): void;
  mustTake?(): void;
}

/** The answer, with `done` called once when its body is written, broken off (with what broke it) or known to be short. */
export function onBodyEnd(
  request: Request,
  response: Response,
  pace: Pace,
  done: (fault?: unknown) => void,
): Response {
  const known = request.method === 'HEAD' || response.headers.has('content-length');
  const body = known ? null : response.body;
  if (!body) {
    done();
    return response;
  }
  const reader = body.getReader();
  let ended = false;
  const end = (fault?: unknown) => {
    if (!ended) done(fault);
    ended = true;
  };
  const tracked = new ReadableStream<Uint8Array>({
    async pull(controller) {
      pace.mayBeSilent?.();
      try {
        const { done: over, value } = await reader.read();
        pace.mustTake?.();
        if (!over) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end(error);
        throw error;
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
  const { status, headers } = response;
  return new Response(tracked, { status, headers });
}
