import { describe } from '../base/errors.ts';
import { programCommand } from '../cluster/program.ts';
import { Supervisor } from '../cluster/supervisor.ts';
import { inheritedSockets, programVersion, type Successor, startSuccessor } from '../cluster/upgrade.ts';
import { prepareProcesses } from '../compose/prepare.ts';
import { openLibc } from '../host/libc.ts';
import { ListenSockets } from '../host/listen-sockets.ts';
import { serviceManager } from '../host/notify.ts';
import type { Log } from '../telemetry/log.ts';
import { EXIT, type Io } from './command.ts';
import { firstSignal } from './process-end.ts';
import { startedText, tell } from './serve-text.ts';
import type { CompleteConfig } from './settings.ts';
import { VERSION } from './version.ts';

/** What belongs to the supervisor alone and must not reach its processes. */
const OWN = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'NODE_CHANNEL_FD', 'REPORTING_API_SOCKETS'];

async function openSockets({ HOST, PORT, BACKLOG, WEB_CONCURRENCY }: CompleteConfig, env: Io['env']) {
  const libc = openLibc();
  const inherited = inheritedSockets(env);
  if (inherited) {
    const sockets = await ListenSockets.of(libc, HOST, inherited[0]!, BACKLOG);
    return { sockets, descriptors: inherited };
  }
  const sockets = await ListenSockets.claim(libc, HOST, PORT, BACKLOG);
  return { sockets, descriptors: Array.from({ length: WEB_CONCURRENCY }, () => sockets.open()) };
}

/** What a successor may take beyond the time of one process. */
const SUCCESSION_SLACK_MS = 30_000;

/** Supervises WEB_CONCURRENCY processes that share the port, until a signal; gives the exit code. */
export async function serveMany(io: Io, config: CompleteConfig, log: Log, demo: boolean): Promise<number> {
  // There is nothing to reload yet, and without a listener they would end the process.
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  const { sockets, descriptors } = await openSockets(config, io.env);
  const { startKey } = await prepareProcesses(config, log);
  const manager = serviceManager(io.env, (error) => log.warning('notify.failed', { cause: describe(error) }));
  const shownHost = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  const url = `http://${shownHost}:${sockets.port}`;
  const servingText = `${descriptors.length} processes serve ${url}`;
  const env: Io['env'] = { ...io.env, SECRET_KEY: config.SECRET_KEY };
  for (const name of OWN) delete env[name];
  const supervisor = new Supervisor({ config, sockets, descriptors, env, startKey, demo, log, manager, url });

  const program = programVersion(programCommand());
  let successor: Successor | undefined;
  /** Hands the port over to a new supervisor of the program that is there now; goes on when that one does not come to serve. */
  const toNext = async () => {
    if (successor || supervisor.isStopping) return;
    log.info('supervisor.upgrading');
    manager.reloading();
    try {
      successor = startSuccessor(supervisor.descriptors, io.env, supervisor.startMs + SUCCESSION_SLACK_MS);
      if ((await successor.isServing) && !supervisor.isStopping) {
        log.info('supervisor.succeeded', { child: successor.pid });
        manager.handOver(successor.pid, servingText);
        return await supervisor.stop(true);
      }
      log.error('supervisor.upgradeFailed', { child: successor.pid });
    } catch (error) {
      log.error('supervisor.upgradeFailed', { cause: describe(error) });
    }
    successor = undefined;
    if (!supervisor.isStopping) manager.ready(`Serves ${url}; the upgrade failed`);
  };
  process.on('SIGUSR2', () => void toNext());
  process.on('SIGHUP', () => {
    if (programVersion(programCommand()) === program) void supervisor.reload();
    else void toNext();
  });
  void firstSignal(() => {
    supervisor.killAll();
    process.exit(EXIT.failed);
  }).then((signal) => {
    log.info('supervisor.stopping', { signal });
    // One that serves already has the port now, and is another's to stop.
    if (!supervisor.isStopping) successor?.stop();
    return supervisor.stop();
  });

  const running = supervisor.run();
  void supervisor.allReady.then(() => {
    log.info('supervisor.started', { url, version: VERSION, processes: descriptors.length });
    // A successor is the main process, and heard, only once its predecessor has said so; that one tells of its readiness, too.
    process.send?.({ kind: 'serving' });
    manager.ready(servingText);
    if (process.stdout.isTTY || config.APP_ENV === 'dev')
      tell(io, startedText({ url, version: VERSION, startKey, demo }, config));
  });
  const code = await running;
  await successor?.isServing;
  manager.close();
  log.info('supervisor.stopped', { code });
  return code;
}
