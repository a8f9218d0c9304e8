import { hasCode, USED_UP } from '../base/system-error.ts';
import type { Config } from '../config.ts';
import { lowerComputingThreads } from '../host/thread-priority.ts';
import type { Log } from '../telemetry/log.ts';

/** Workers start when first needed, and the runtime's pool grows with its work. */
const LOOK_MS = 2000;

/** Has the threads that compute give way to the one that answers, from now on; the function returned ends the looking for new ones. */
export function giveWay({ WORKER_NICE }: Pick<Config, 'WORKER_NICE'>, log: Log): () => void {
  if (WORKER_NICE === 0 || process.platform !== 'linux') return () => undefined;
  const look = () => {
    try {
      lowerComputingThreads(WORKER_NICE);
    } catch (error) {
      // It passes: the next look may do it.
      if (hasCode(error, ...USED_UP, 'ENOMEM', 'EAGAIN')) return;
      clearInterval(timer);
      log.warning('settings.ignored', {
        setting: 'WORKER_NICE',
        value: WORKER_NICE,
        why: `the system refuses it: ${String(error)}`,
      });
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  look();
  return () => clearInterval(timer);
}
