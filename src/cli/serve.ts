import { lookup } from 'node:dns/promises';
import { describe } from '../base/errors.ts';
import { type Config, ConfigError, printConfig } from '../config.ts';
import { serviceManager } from '../host/notify.ts';
import type { StartService } from '../service.ts';
import type { Log } from '../telemetry/log.ts';
import { type Command, EXIT, type Io } from './command.ts';
import { parseOptions } from './options.ts';
import { endOnUncaught, firstSignal, stopService } from './process-end.ts';
import { serveLog } from './serve-log.ts';
import { startedText, tell } from './serve-text.ts';
import { allFaults, type CompleteConfig, checkedConfig, completeConfig } from './settings.ts';
import { failureText } from './start-failure.ts';
import { VERSION } from './version.ts';

const USAGE = `Usage: reporting-api serve [--host ADDRESS] [--port NUMBER] [--demo] [--print-config]

Starts the service. Its settings come from the environment; HOST and PORT say where it listens.

Options:
  --host ADDRESS  Listen on this address, whatever HOST says
  --port NUMBER   Listen on this port, whatever PORT says; 0 picks a free one
  --demo          Make the dataset "orders" (1,000,000 generated rows) unless it is there
  --print-config  Print the settings in force, secrets hidden, and exit

Logs are JSON lines on the error stream. SIGTERM and SIGINT let running requests end, at most GRACEFUL_TIMEOUT seconds;
a second signal, more than a second later, ends it at once. With WEB_CONCURRENCY above 1 a supervisor keeps that many processes;
SIGHUP replaces them one after another, SIGUSR2 (or SIGHUP, once the program's file is another) hands the port over to a new supervisor.
A single process cannot be reloaded: SIGHUP is logged and ignored (from a terminal that closes, it stops the service), SIGUSR2 too.
Exit codes: 0 stopped by a signal, 1 failed, 2 wrong command line or settings.
`;

const isSpoken = ({ APP_ENV }: Config) => process.stdout.isTTY || APP_ENV === 'dev';

const NOT_RELOADED =
  'One process cannot be replaced while it serves: restart the service, or set WEB_CONCURRENCY=auto';

/** Idle connections get so long for their last request when the service ends. */
const LINGER_MS = 1000;

/** One process has none that could serve meanwhile. A terminal that closes sends SIGHUP, too, and wants the service to end. */
function ignoreReloads(log: Log): void {
  process.on('SIGHUP', () => {
    if (process.stdin.isTTY || process.stdout.isTTY) process.kill(process.pid, 'SIGTERM');
    else log.warning('service.notReloaded', { signal: 'SIGHUP', why: NOT_RELOADED });
  });
  process.on('SIGUSR2', () => log.warning('service.notReloaded', { signal: 'SIGUSR2', why: NOT_RELOADED }));
}

async function serveOne(
  io: Io,
  start: StartService,
  config: CompleteConfig,
  log: Log,
  demo: boolean,
): Promise<number> {
  const signalled = firstSignal(() => process.exit(EXIT.failed));
  ignoreReloads(log);
  // Of a name that is not found, Bun 1.4 has any error of the system.
  await lookup(config.HOST);
  const manager = serviceManager(io.env, (error) => log.warning('notify.failed', { cause: describe(error) }));
  const service = await start({ config, log, version: VERSION, demo, env: io.env, warm: true });
  manager.guard(service.isWell);
  manager.ready(`Serves ${service.url}`);
  if (isSpoken(config)) {
    tell(io, startedText({ url: service.url, version: VERSION, startKey: service.startKey, demo }, config));
    if (demo)
      service.demoReady.then(
        () => tell(io, 'The demo data is there.\n'),
        (error: unknown) => log.error('demo.failed', { cause: describe(error) }),
      );
  }
  const signal = await signalled;
  const graceMs = config.GRACEFUL_TIMEOUT * 1000;
  const delayMs = config.SHUTDOWN_DELAY_SECONDS * 1000;
  log.info('service.stopping', { signal, graceMs, delayMs });
  manager.stopping('Finishing what runs');
  const code = await stopService(service, graceMs, { delayMs, lingerMs: LINGER_MS }, log);
  manager.close();
  return code;
}

async function serve(io: Io, load: () => Promise<StartService>, demo: boolean): Promise<number> {
  // Before there is a supervisor, which would start processes again and again.
  const faults = await allFaults(io.env);
  if (faults.length > 0) throw new ConfigError(faults);
  const checked = checkedConfig(io.env);
  const log = serveLog(checked, io);
  endOnUncaught(log);
  // With `auto` also where that is one process: it can be reloaded then.
  const isWanted = checked.WEB_CONCURRENCY > 1 || io.env.WEB_CONCURRENCY?.trim().toLowerCase() === 'auto';
  const isMany = isWanted && process.platform === 'linux';
  if (checked.WEB_CONCURRENCY > 1 && !isMany)
    log.warning('settings.ignored', { setting: 'WEB_CONCURRENCY', why: 'several processes need Linux' });
  try {
    const config = await completeConfig(io.env);
    if (!isMany) return await serveOne(io, await load(), config, log, demo);
    const { serveMany } = await import('./serve-many.ts');
    return await serveMany(io, config, log, demo);
  } catch (error) {
    const text = failureText(error, checked);
    if (text === undefined) throw error;
    log.critical('service.startFailed', { reason: text });
    io.err(`${text}\n`);
    return EXIT.failed;
  }
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
        host: { type: 'string' },
        port: { type: 'string' },
        'print-config': { type: 'boolean', default: false },
        // How a supervisor starts its processes; of no use to anybody else.
        process: { type: 'string' },
      });
      const { host, port } = options;
      const given = {
        ...(host === undefined ? {} : { HOST: host }),
        ...(port === undefined ? {} : { PORT: port }),
      };
      const own: Io = { ...io, env: { ...io.env, ...given } };
      if (options['print-config']) {
        io.out(printConfig(checkedConfig(own.env)));
        return EXIT.ok;
      }
      if (options.process !== undefined) {
        const { serveProcess } = await import('./serve-process.ts');
        return serveProcess(io, await load());
      }
      return serve(own, load, options.demo);
    },
  };
}
