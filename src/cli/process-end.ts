import { describe } from '../base/errors.ts';
import type { Service, ServiceStop } from '../service.ts';
import type { Log } from '../telemetry/log.ts';
import { EXIT } from './command.ts';

/** How much longer than its grace the service may take to stop. */
const STOP_SLACK_MS = 5000;
/** Ctrl-C reaches the process from the terminal and again from each of npx and `bun run`: one wish, several signals. */
const SAME_SIGNAL_MS = 1000;

/** Whatever nobody caught ends the process, so that a clean one is started. */
export function endOnUncaught(log: Log): void {
  const end = (event: string) => (error: unknown) => {
    log.critical(event, { cause: describe(error) });
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', end('process.uncaughtException'));
  process.on('unhandledRejection', end('process.unhandledRejection'));
}

/** Listens for signals from now on: resolves with the first one; a later one calls `onAgain`. */
export function firstSignal(onAgain: () => void): Promise<string> {
  return new Promise((resolve) => {
    let firstAtMs: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        const nowMs = performance.now();
        firstAtMs ??= nowMs;
        if (nowMs - firstAtMs > SAME_SIGNAL_MS) onAgain();
        resolve(signal);
      });
  });
}

/** Stops the service and gives the exit code; ends the process when it takes too long. */
export async function stopService(
  service: Service,
  graceMs: number,
  options: ServiceStop,
  log: Log,
): Promise<number> {
  const timer = setTimeout(
    () => {
      log.error('service.stopTimedOut', { graceMs });
      process.exit(EXIT.failed);
    },
    (options.delayMs ?? 0) + graceMs + STOP_SLACK_MS,
  );
  try {
    await service.stop(graceMs, options);
    log.info('service.stopped');
    return EXIT.ok;
  } catch (error) {
    log.critical('service.stopFailed', { cause: describe(error) });
    return EXIT.failed;
  } finally {
    clearTimeout(timer);
  }
}
