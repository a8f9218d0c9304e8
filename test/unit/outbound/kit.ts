import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type Socket } from 'node:net';
import { AllowList } from '../../../src/outbound/allow-list.ts';
import { OutboundClient, type OutboundOptions, type OutboundRequest } from '../../../src/outbound/client.ts';
import { Guard, type Resolver } from '../../../src/outbound/guard.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

interface Running extends AsyncDisposable {
  port: number;
  url: string;
}

async function running(
  server: ReturnType<typeof createRawServer>,
  scheme: string,
  open: Set<Socket>,
): Promise<Running> {
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listener(handler: Handler) {
  return (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => handler(request, response, body));
  };
}

export const serve = (handler: Handler) => running(createServer(listener(handler)), 'http', new Set());

export const serveTls = (key: string, cert: string, handler: Handler) =>
  running(createTlsServer({ key, cert }, listener(handler)), 'https', new Set());

/** A server that writes bytes of its own once the head of a request is there. */
export function serveRaw(answer: (socket: Socket) => unknown) {
  const server = createRawServer((socket) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk;
      if (!head.includes('\r\n\r\n')) return;
      head = '';
      answer(socket);
    });
  });
  return running(server, 'http', new Set());
}

export function clientFor(
  allow: string[],
  options: Partial<Omit<OutboundOptions, 'guard'>> & { ports?: number[] } = {},
) {
  const { ports = [80, 443], ...rest } = options;
  const metrics = createMetrics();
  const resolver: Resolver = async () => ['127.0.0.1'];
  const client = new OutboundClient({
    guard: new Guard({ allow: new AllowList(allow), ports: new Set(ports) }),
    resolver,
    metrics,
    maxBytes: 1 << 20,
    timeoutMs: 20_000,
    idleMs: 10_000,
    connectMs: 5000,
    ...rest,
  });
  const get = (url: string, more: Partial<OutboundRequest> = {}) =>
    client.send({ purpose: 'ingest', method: 'GET', url, signal: new AbortController().signal, ...more });
  return { client, metrics, get };
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What was thrown, as what a client of the API would see of it. */
export async function faultOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    const { code, message, params } = error as { code?: string; message: string; params?: object };
    return { code, message, ...params } as Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}
