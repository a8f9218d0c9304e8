import type { Config } from '../config.ts';
import { portState } from '../host/descriptors.ts';
import { Listener } from '../host/listener.ts';
import { SETTINGS } from '../settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { App } from './app.ts';
import type { Live, LiveData } from './live.ts';
import { networks } from './networks.ts';

export type ServerConfig = Pick<
  Config,
  'BACKLOG' | 'CHANNEL_TIMEOUT' | 'FORWARDED_ALLOW_IPS' | 'HOST' | 'KEEP_ALIVE' | 'METRICS_ALLOW_IPS' | 'PORT'
>;

/** How a server stops. */
export interface StopOptions {
  /** What requests in progress have to end; then they are cut. */
  graceMs: number;
  /** Whether connections without a request are closed at once, or have so long to send one, which is their last. Default 0. */
  lingerMs?: number;
}

export interface Listening {
  port: number;
  url: string;
  /** Takes no more connections, lets requests in progress end, then closes what is left. */
  stop(options: StopOptions): Promise<void>;
}

/** Bun takes at most 255 s. */
const MAX_IDLE_S = 255;
const DRAIN_LOOK_MS = 10;
/** Asking the kernel for the open connections costs more. */
const CONNECTIONS_LOOK_MS = 100;

function warnings(
  config: ServerConfig,
  isShared: boolean,
): [event: string, fields: Record<string, string | number>][] {
  const found: [string, Record<string, string | number>][] = [];
  const ignored = (setting: string, value: number | string, why: string) =>
    found.push(['settings.ignored', { setting, value, why }]);
  if (!isShared && config.BACKLOG !== Number(SETTINGS.BACKLOG.default))
    ignored('BACKLOG', config.BACKLOG, 'with one process Bun fixes its own backlog');
  if (config.CHANNEL_TIMEOUT > MAX_IDLE_S)
    ignored('CHANNEL_TIMEOUT', config.CHANNEL_TIMEOUT, `Bun takes at most ${MAX_IDLE_S} s`);
  for (const setting of ['FORWARDED_ALLOW_IPS', 'METRICS_ALLOW_IPS'] as const)
    for (const entry of networks(config[setting]).faulty)
      ignored(setting, entry, 'is no address and no network');
  return found;
}

/**
 * Resolves when nothing is in progress and no connection is left that might be about to send a request, or when the time is over. Bun
 * counts a request as pending until its last byte is written; the app, until its body has ended.
 */
async function drained(
  app: App,
  server: Bun.Server<unknown>,
  hasOpen: () => boolean,
  { graceMs, lingerMs = 0 }: StopOptions,
): Promise<void> {
  const startedMs = performance.now();
  const passedMs = () => performance.now() - startedMs;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let isOpen = true;
  while (passedMs() < graceMs) {
    if (passedMs() < lingerMs && passedMs() - lookedMs >= CONNECTIONS_LOOK_MS) {
      isOpen = hasOpen();
      lookedMs = passedMs();
    }
    const mayCome = isOpen && passedMs() < lingerMs;
    if (!mayCome && app.inFlight() + server.pendingRequests === 0) return;
    await Bun.sleep(DRAIN_LOOK_MS);
  }
}

export interface ListenOptions {
  /** What answers WebSockets. */
  live?: Live | undefined;
  /** A listening socket that is there already. */
  inherited?: number | undefined;
}

/**
 * Opens the socket, or accepts from an inherited one. Rejects with the system's error (EADDRINUSE, EACCES, ENOTFOUND) when it
 * cannot.
 */
export function listen(
  app: App,
  config: ServerConfig,
  log: Log,
  { live, inherited }: ListenOptions = {},
): Listening {
  const channelS = Math.min(config.CHANNEL_TIMEOUT, MAX_IDLE_S);
  const [server, listener] = Listener.find(() =>
    Bun.serve<LiveData>({
      hostname: inherited === undefined ? config.HOST : '127.0.0.1',
      port: inherited === undefined ? config.PORT : 0,
      development: false,
      reusePort: false, // without development, Bun 1.4 shares the port with whoever has it
      idleTimeout: config.KEEP_ALIVE,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER, // Bun's own refusal has no body: body.ts refuses
      fetch: (request, self) => {
        if (live?.wants(request)) return live.fetch(request, self);
        self.timeout(request, channelS);
        return app.fetch(request, {
          address: self.requestIP(request)?.address ?? '',
          mayBeSilent: () => self.timeout(request, 0),
          mustTake: () => self.timeout(request, channelS),
          // What was set for a request stays on its connection.
          isIdle: () => self.timeout(request, config.KEEP_ALIVE),
        });
      },
      websocket: live?.websocket ?? { message: (socket) => socket.close() },
      error: (error) => {
        log.error('http.unanswered', { cause: String(error) });
        return new Response(null, { status: 500 });
      },
    }),
  );
  if (inherited !== undefined) {
    if (!listener) throw new Error('the listening socket of Bun was not found');
    listener.adopt(inherited);
  }
  for (const [event, fields] of warnings(config, inherited !== undefined)) log.warning(event, fields);
  const port = inherited === undefined ? (server.port ?? config.PORT) : config.PORT;
  const shownHost = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  return {
    port,
    url: `http://${shownHost}:${port}`,
    async stop(options) {
      live?.close();
      if (listener && options.graceMs > 0) await listener.close(port);
      else void server.stop(false);
      await drained(app, server, () => listener !== undefined && portState(port)?.open !== 0, options);
      await server.stop(true);
    },
  };
}
