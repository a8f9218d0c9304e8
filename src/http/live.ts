import { type Clock, iso } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Config } from '../config.ts';
import type { LiveFeed } from '../services/live-feed.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Authenticate, Credentials } from './access.ts';
import { originSet } from './cors.ts';
import { faultOf } from './faults.ts';
import { type Origin, originReader } from './forwarded.ts';
import { pathOf } from './front.ts';
import { applyHeaders } from './headers.ts';
import { LiveClient } from './live-client.ts';
import { problemResponse } from './problem.ts';
import { requestRecorder } from './record.ts';
import type { RouteEntry } from './route-table.ts';
import { Turns } from './turns.ts';

export interface LiveDeps {
  config: Pick<
    Config,
    | 'BACKEND_BASE_URL'
    | 'CORS_ORIGINS'
    | 'FORWARDED_ALLOW_IPS'
    | 'IDENT'
    | 'LIVE_MAX_BUFFER_BYTES'
    | 'LIVE_MAX_CONNECTIONS'
  >;
  feed: LiveFeed;
  authenticate: Authenticate;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export interface LiveData {
  client: LiveClient;
}

const PATH = '/api/live';
const ROUTE: RouteEntry = { pattern: PATH, methods: new Set(['GET']), rawBody: new Set() };
const BEAT_MS = 15_000;
/** Clients whose rights are looked up at once: the store may be a network away. */
const BEAT_LANES = 8;
/** Past its own limit Bun drops messages without a word; ours comes first, one message later. */
const ROOM_BYTES = 64 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 16 * 1024;

/** The WebSocket of `/api/live`, beside the app: what Bun.serve needs of it. */
export function createLive({ config, feed, authenticate, clock, log, metrics }: LiveDeps) {
  const clients = new Set<LiveClient>();
  const turns = new Turns();
  let arriving = 0;
  const originOf = originReader(config);
  const record = requestRecorder(log, metrics);
  const origins = originSet(config.CORS_ORIGINS);
  if (config.BACKEND_BASE_URL !== undefined) origins.add(new URL(config.BACKEND_BASE_URL).origin);
  const clientDeps = {
    ...{ feed, authenticate, log, maxBufferBytes: config.LIVE_MAX_BUFFER_BYTES },
    turn: () => turns.take(),
    dropped(reason: 'slow' | 'rights') {
      metrics.liveDropped.inc({ reason });
      if (reason === 'slow') metrics.limitsHit.inc({ limit: 'LIVE_MAX_BUFFER_BYTES' });
    },
  };
  let isBeating = false;
  const beat = async () => {
    if (isBeating) return;
    isBeating = true;
    const left = clients.values();
    const lane = async () => {
      for (const client of left) {
        await turns.take();
        await client
          .beat(iso(clock.now()))
          .catch((error) => log.error('live.failed', { cause: describe(error) }));
      }
    };
    await Promise.all(Array.from({ length: BEAT_LANES }, lane));
    isBeating = false;
  };
  const beats = setInterval(() => void beat(), BEAT_MS);
  beats.unref();

  /** A page of another site could open a socket with its visitor's cookie: only our own and the allowed ones may use it. */
  function mayUseCookie(request: Request, { scheme, host }: Origin): boolean {
    const origin = request.headers.get('origin')?.toLowerCase();
    return origin === undefined || origin === `${scheme}://${host}`.toLowerCase() || origins.has(origin);
  }

  async function signIn(request: Request, origin: Origin) {
    const { headers } = request;
    const [authorization, apiKey, cookie] = ['authorization', 'x-api-key', 'cookie'].map(
      (name) => headers.get(name) ?? undefined,
    );
    const isCookie = authorization === undefined && apiKey === undefined && cookie !== undefined;
    if (isCookie && !mayUseCookie(request, origin)) return undefined;
    const credentials: Credentials = {
      ...{ method: 'GET', address: origin.address },
      ...(authorization === undefined ? {} : { authorization }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(isCookie ? { cookie } : {}),
    };
    const principal = await authenticate(credentials);
    return principal && { principal, credentials };
  }

  function refuseTooMany(): void {
    if (clients.size + arriving < config.LIVE_MAX_CONNECTIONS) return;
    metrics.limitsHit.inc({ limit: 'LIVE_MAX_CONNECTIONS' });
    throw new AppError('overloaded', 'The process has as many WebSockets as it may', {
      params: { limit: 'LIVE_MAX_CONNECTIONS' },
      retryAfterS: 5,
    });
  }

  async function admit(request: Request, server: Bun.Server<LiveData>): Promise<Response | undefined> {
    refuseTooMany();
    arriving++;
    try {
      await turns.take();
      const origin = originOf(request, server.requestIP(request)?.address ?? '');
      const client = new LiveClient(clientDeps, origin.address, await signIn(request, origin));
      if (server.upgrade(request, { data: { client } })) return undefined;
      throw new AppError('request.invalid', 'The WebSocket handshake is not valid');
    } finally {
      arriving--;
    }
  }

  /** Answered, counted and logged as any other request is. */
  function refusal(
    request: Request,
    server: Bun.Server<LiveData>,
    fault: AppError,
    startedMs: number,
  ): Response {
    const requestId = newId('req', clock.now());
    const { address, scheme } = originOf(request, server.requestIP(request)?.address ?? '');
    const response = problemResponse(fault, requestId);
    applyHeaders(response.headers, { requestId, scheme }, PATH, config.IDENT);
    record(request, { requestId, address, fault, route: ROUTE, principal: undefined }, response, startedMs);
    return response;
  }

  return {
    /** Whether the request is for the WebSocket, and not for the app. */
    wants: (request: Request) =>
      request.headers.get('upgrade')?.toLowerCase() === 'websocket' && pathOf(request.url) === PATH,

    /** Undefined once the connection is a WebSocket. */
    async fetch(request: Request, server: Bun.Server<LiveData>): Promise<Response | undefined> {
      const startedMs = performance.now();
      try {
        return await admit(request, server);
      } catch (error) {
        return refusal(request, server, faultOf(error), startedMs);
      }
    },

    websocket: {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      backpressureLimit: 2 * config.LIVE_MAX_BUFFER_BYTES + ROOM_BYTES,
      idleTimeout: 60,
      sendPings: true,
      async open(socket: Bun.ServerWebSocket<LiveData>) {
        clients.add(socket.data.client);
        metrics.liveConnections.set(clients.size);
        await socket.data.client.open(socket);
      },
      message(socket: Bun.ServerWebSocket<LiveData>, message: string | Buffer) {
        socket.data.client.hear(typeof message === 'string' ? message : message.toString());
      },
      close(socket: Bun.ServerWebSocket<LiveData>) {
        clients.delete(socket.data.client);
        metrics.liveConnections.set(clients.size);
        socket.data.client.closed();
      },
    },

    close(): void {
      clearInterval(beats);
      for (const client of clients) client.goAway();
    },
  };
}

export type Live = ReturnType<typeof createLive>;
