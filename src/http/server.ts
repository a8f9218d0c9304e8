import type { Config } from '../config.ts';
import { SETTINGS } from '../settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { App } from './app.ts';
import type { Live, LiveData } from './live.ts';
import { networks } from './networks.ts';

export type ServerConfig = Pick<
  Config,
  | 'BACKLOG'
  | 'CHANNEL_TIMEOUT'
  | 'FORWARDED_ALLOW_IPS'
  | 'HOST'
  | 'KEEP_ALIVE'
  | 'METRICS_ALLOW_IPS'
  | 'PORT'
  | 'WEB_CONCURRENCY'
>;

export interface Listening {
  port: number;
  url: string;
  /** Takes no more requests, gives those in progress `graceMs` to end, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** Bun takes at most 255 s, and one value for idle connections and for silent requests. */
const MAX_IDLE_S = 255;

function warnings(config: ServerConfig): [event: string, fields: Record<string, string | number>][] {
  const found: [string, Record<string, string | number>][] = [];
  const ignored = (setting: string, value: number | string, why: string) =>
    found.push(['settings.ignored', { setting, value, why }]);
  if (config.BACKLOG !== Number(SETTINGS.BACKLOG.default))
    ignored('BACKLOG', config.BACKLOG, 'Bun fixes its own backlog');
  if (config.WEB_CONCURRENCY > 1)
    ignored('WEB_CONCURRENCY', config.WEB_CONCURRENCY, 'this version runs one process');
  if (config.KEEP_ALIVE !== Number(SETTINGS.KEEP_ALIVE.default))
    ignored('KEEP_ALIVE', config.KEEP_ALIVE, 'Bun has one idle time for both: CHANNEL_TIMEOUT holds');
  if (config.CHANNEL_TIMEOUT > MAX_IDLE_S)
    ignored('CHANNEL_TIMEOUT', config.CHANNEL_TIMEOUT, `Bun takes at most ${MAX_IDLE_S} s`);
  for (const setting of ['FORWARDED_ALLOW_IPS', 'METRICS_ALLOW_IPS'] as const)
    for (const entry of networks(config[setting]).faulty)
      ignored(setting, entry, 'is no address and no network');
  return found;
}

/** Bun counts a request as pending until its last byte is written; the app, until its body has ended. */
async function drained(app: App, server: Bun.Server<unknown>, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  while (app.inFlight() + server.pendingRequests > 0 && performance.now() < until) await Bun.sleep(10);
}

/** Opens the socket. Rejects with the system's error (EADDRINUSE, EACCES, ENOTFOUND) when it cannot. */
export function listen(app: App, config: ServerConfig, log: Log, live?: Live): Listening {
  const server = Bun.serve<LiveData>({
    hostname: config.HOST,
    port: config.PORT,
    development: false,
    reusePort: false, // without development, Bun 1.4 shares the port with whoever has it
    idleTimeout: Math.min(config.CHANNEL_TIMEOUT, MAX_IDLE_S),
    maxRequestBodySize: Number.MAX_SAFE_INTEGER, // Bun's own refusal has no body: body.ts refuses
    fetch: (request, self) =>
      live?.wants(request)
        ? live.fetch(request, self)
        : app.fetch(request, {
            address: self.requestIP(request)?.address ?? '',
            mayBeSilent: () => self.timeout(request, 0),
          }),
    websocket: live?.websocket ?? { message: (socket) => socket.close() },
    error: (error) => {
      log.error('http.unanswered', { cause: String(error) });
      return new Response(null, { status: 500 });
    },
  });
  for (const [event, fields] of warnings(config)) log.warning(event, fields);
  const port = server.port ?? config.PORT;
  const shownHost = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  return {
    port,
    url: `http://${shownHost}:${port}`,
    async stop(graceMs) {
      live?.close();
      const closed = server.stop(false);
      await Promise.race([closed, drained(app, server, graceMs)]);
      await server.stop(true);
    },
  };
}
