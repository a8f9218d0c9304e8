import { stat } from 'node:fs/promises';
import { describe } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';

const LOOK_MS = 1000;
/** Far above what a loaded machine delays. */
const PATIENCE_MS = 20_000;

export interface SelfCheck {
  /** False when a part of the process has not answered for too long; a supervisor replaces such a process. */
  isWell(): boolean;
  stop(): void;
}

export interface SelfCheckOptions {
  /** Parts that must answer, well or with an error. */
  parts: Readonly<Record<string, () => Promise<unknown>>>;
  log: Log;
  lookMs?: number;
  patienceMs?: number;
}

/** Native calls run in the runtime's thread pool: where its threads hang, the event loop turns and nothing is answered. */
export const threadPool = (folder: string) => () => stat(folder);

/** Asks parts of this process again and again whether they still answer. */
export function startSelfCheck(options: SelfCheckOptions): SelfCheck {
  const { parts, log, lookMs = LOOK_MS, patienceMs = PATIENCE_MS } = options;
  const asked = new Map<string, number>();
  const ask = async (name: string, part: () => Promise<unknown>) => {
    if (asked.has(name)) return;
    asked.set(name, performance.now());
    try {
      await part();
    } catch (error) {
      // An error is an answer; readiness says what is wrong.
      log.debug('selfCheck.failed', { part: name, cause: describe(error) });
    } finally {
      asked.delete(name);
    }
  };
  const timer = setInterval(() => {
    for (const [name, part] of Object.entries(parts)) void ask(name, part);
  }, lookMs);
  timer.unref();
  return {
    isWell: () => [...asked.values()].every((sinceMs) => performance.now() - sinceMs < patienceMs),
    stop: () => clearInterval(timer),
  };
}
