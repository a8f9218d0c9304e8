import { Link } from '../cluster/link.ts';
import type { StopOrder } from '../cluster/messages.ts';
import type { StartService } from '../service.ts';
import { type Command, EXIT, type Io } from './command.ts';
import { endOnUncaught, stopService } from './process-end.ts';
import { serveLog } from './serve-log.ts';
import { completeConfig } from './settings.ts';
import { failureText } from './start-failure.ts';
import { VERSION } from './version.ts';

/** Where the supervisor puts the listening socket of a process. */
const SOCKET = 3;

/** One of several processes: serves until the supervisor says stop, or is gone. */
export async function serveProcess(io: Io, start: StartService): ReturnType<Command['run']> {
  const link = new Link();
  const assignment = await Promise.race([link.assignment, link.orphaned]);
  if (!assignment) return EXIT.failed;
  const config = await completeConfig({
    ...io.env,
    PORT: String(assignment.port),
    WEB_CONCURRENCY: String(assignment.processes),
  });
  const log = serveLog(config, io, { slot: assignment.slot, pid: process.pid });
  endOnUncaught(log);
  // The terminal sends Ctrl-C to all processes: the supervisor says what is to be done.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => link.wantsReplacement());
  const place = { link, assignment, socket: SOCKET };
  const graceMs = config.GRACEFUL_TIMEOUT * 1000;
  const orphaned = link.orphaned.then((): StopOrder => {
    log.error('supervisor.gone');
    return { delayMs: 0, graceMs, lingerMs: 0 };
  });
  try {
    const service = await start({
      config,
      log,
      version: VERSION,
      demo: assignment.demo,
      place,
      env: io.env,
      warm: true,
    });
    service.demoReady.catch((error: unknown) => log.error('demo.failed', { cause: String(error) }));
    const order = await Promise.race([link.stopOrder, orphaned]);
    return await stopService(service, order.graceMs, order, log);
  } catch (error) {
    const text = failureText(error, config);
    if (text === undefined) throw error;
    log.critical('service.startFailed', { reason: text });
    return EXIT.failed;
  }
}
