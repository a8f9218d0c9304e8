import { statSync } from 'node:fs';
import { programCommand } from './program.ts';

const SOCKETS = 'REPORTING_API_SOCKETS';
/** Descriptors of a successor begin behind those of the standard streams. */
const FIRST_DESCRIPTOR = 3;

/** Tells one version of the program's file from another, and from none. */
export function programVersion([file]: string[]): string {
  const found = statSync(file!, { throwIfNoEntry: false });
  return found ? [found.ino, found.mtimeMs, found.size].join(' ') : 'none';
}

/** The listening sockets that a predecessor handed over. */
export function inheritedSockets(env: Record<string, string | undefined>): number[] | undefined {
  const count = Number(env[SOCKETS]);
  return count > 0 ? Array.from({ length: count }, (_, i) => FIRST_DESCRIPTOR + i) : undefined;
}

export interface Successor {
  pid: number;
  /** True once all its processes serve, false when it ended before. */
  isServing: Promise<boolean>;
  /** Asks it to end. */
  stop(): void;
}

/**
 * Starts the program that is there now as a supervisor of the same sockets; one that does not serve in time is asked to end. Throws the system's
 * error where it cannot be started.
 */
export function startSuccessor(
  descriptors: readonly number[],
  env: Record<string, string | undefined>,
  patienceMs: number,
): Successor {
  const serving = Promise.withResolvers<boolean>();
  const { WATCHDOG_PID: _, ...rest } = env;
  const child = Bun.spawn([...programCommand(), 'serve'], {
    env: { ...rest, [SOCKETS]: String(descriptors.length) },
    stdio: ['ignore', 'inherit', 'inherit', ...descriptors],
    serialization: 'json',
    ipc: () => serving.resolve(true),
    onExit: () => serving.resolve(false),
  });
  const stop = () => child.kill('SIGTERM');
  const timer = setTimeout(stop, patienceMs);
  void serving.promise.then(() => clearTimeout(timer));
  return { pid: child.pid, isServing: serving.promise, stop };
}
