import { describe } from '../base/errors.ts';
import { type Config, printConfig } from '../config.ts';
import type { Service, ServiceOptions } from '../service.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { type Command, EXIT, type Io } from './command.ts';
import { parseOptions } from './options.ts';
import { startedText } from './serve-text.ts';
import { checkedConfig, completeConfig } from './settings.ts';
import { VERSION } from './version.ts';

export type StartService = (options: ServiceOptions) => Promise<Service>;

const USAGE = `Usage: reporting-api serve [--demo] [--print-config]

Starts the service. Its settings come from the environment; HOST and PORT say where it listens.

Options:
  --demo          Make the dataset "orders" (1,000,000 generated rows) unless it is there
  --print-config  Print the settings in force, secrets hidden, and exit

Logs are JSON lines on the error stream. SIGTERM and SIGINT let running requests end, at most GRACEFUL_TIMEOUT seconds;
a second signal, more than a second later, ends it at once.
Exit codes: 0 stopped by a signal, 1 failed, 2 wrong command line or settings.
`;

/** How much longer than its grace the service may take to stop. */
const STOP_SLACK_MS = 5000;

function failureText(error: unknown, config: Config): string | undefined {
  const place = `port ${config.PORT} on ${config.HOST}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `The ${place} is in use: stop what listens there, or choose another with PORT=…`;
    case 'EACCES':
      return `Not allowed: ${error instanceof Error ? error.message : String(error)}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST=${config.HOST} is not an address of this machine`;
    default:
      return undefined;
  }
}

/** Whatever nobody caught ends the process, so that systemd starts a clean one. */
function endOnUncaught(log: Log): void {
  const end = (event: string) => (error: unknown) => {
    log.critical(event, { cause: describe(error) });
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', end('process.uncaughtException'));
  process.on('unhandledRejection', end('process.unhandledRejection'));
}

/** Ctrl-C reaches the process from the terminal and again from each of npx and `bun run`: one wish, several signals. */
const SAME_SIGNAL_MS = 1000;

/** Listens for signals from now on: resolves with the first one; a later one ends the process at once. */
function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        const nowMs = performance.now();
        firstAtMs ??= nowMs;
        if (nowMs - firstAtMs > SAME_SIGNAL_MS) process.exit(EXIT.failed);
        resolve(signal);
      });
  });
}

async function stop(service: Service, graceMs: number, log: Log): Promise<number> {
  const timer = setTimeout(() => {
    log.error('service.stopTimedOut', { graceMs });
    process.exit(EXIT.failed);
  }, graceMs + STOP_SLACK_MS);
  try {
    await service.stop(graceMs);
    log.info('service.stopped');
    return EXIT.ok;
  } catch (error) {
    log.critical('service.stopFailed', { cause: describe(error) });
    return EXIT.failed;
  } finally {
    clearTimeout(timer);
  }
}

async function serve(io: Io, start: StartService, demo: boolean): Promise<number> {
  const config = await completeConfig(io.env);
  const log = createLog(config.LOG_LEVEL, (line) => io.err(line));
  endOnUncaught(log);
  const signalled = firstSignal();
  const isSpoken = process.stdout.isTTY || config.APP_ENV === 'dev';
  let service: Service;
  try {
    service = await start({ config, log, version: VERSION, demo });
  } catch (error) {
    const text = failureText(error, config);
    if (text === undefined) throw error;
    log.critical('service.startFailed', { reason: text });
    io.err(`${text}\n`);
    return EXIT.failed;
  }
  if (isSpoken) {
    io.out(startedText({ url: service.url, version: VERSION, startKey: service.startKey, demo }, config));
    if (demo)
      service.demoReady.then(
        () => io.out('The demo data is there.\n'),
        (error: unknown) => log.error('demo.failed', { cause: describe(error) }),
      );
  }
  const signal = await signalled;
  const graceMs = config.GRACEFUL_TIMEOUT * 1000;
  log.info('service.stopping', { signal, graceMs });
  return stop(service, graceMs, log);
}

/** `load` gives the composition of the service; it is not loaded for the help text. */
export function serveCommand(load: () => Promise<StartService>): Command {
  return {
    name: 'serve',
    summary: 'Start the service',
    usage: USAGE,
    async run(args, io) {
      const options = parseOptions(args, {
        demo: { type: 'boolean', default: false },
        'print-config': { type: 'boolean', default: false },
      });
      if (options['print-config']) {
        io.out(printConfig(checkedConfig(io.env)));
        return EXIT.ok;
      }
      return serve(io, await load(), options.demo);
    },
  };
}
