/** A request as a provider's server got it. */
export interface Seen {
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export interface WireServer extends AsyncDisposable {
  url: string;
  seen: Seen[];
}

/** A server on loopback that answers each request with what `answer` gives, and keeps what it saw. */
export function wireServer(answer: (seen: Seen, count: number) => Response | Promise<Response>): WireServer {
  const seen: Seen[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const url = new URL(request.url);
      const one = {
        path: url.pathname + url.search,
        headers: Object.fromEntries(request.headers),
        body: (await request.json()) as Record<string, unknown>,
      };
      seen.push(one);
      return answer(one, seen.length);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });

/** Server-sent events, cut into pieces of `size` bytes wherever that falls; a number of pieces may be left off. */
export function sse(
  events: readonly (object | string)[],
  { size = 7, without = 0, named = false } = {},
): Response {
  const text = events
    .map((event) => {
      const data = typeof event === 'string' ? event : JSON.stringify(event);
      const name = named && typeof event === 'object' ? `event: ${(event as { type?: string }).type}\n` : '';
      return `${name}data: ${data}\n\n`;
    })
    .join('');
  const bytes = new TextEncoder().encode(`: hello\n\n${text}`);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
  const sent = pieces.slice(0, pieces.length - without);
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = sent.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}
