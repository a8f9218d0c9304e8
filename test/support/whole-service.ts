import { readConfig } from '../../src/config.ts';
import { type ServiceOptions, startService } from '../../src/service.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { IS_COMPILED, PROGRAM_ENV, PROGRAM_VERSION, startServe } from './program.ts';

/** What the service says of its version. */
export const VERSION = IS_COMPILED ? PROGRAM_VERSION : 'test';

export type More = Pick<ServiceOptions, 'jobs' | 'targets'>;

export interface Whole {
  url: string;
  /** Of the process that serves. */
  pid: number;
  /** What was logged so far, a line an event. */
  logged: string[];
  stop(): Promise<void>;
}

async function startHere(env: Record<string, string>, more: More): Promise<Whole> {
  const logged: string[] = [];
  const service = await startService({
    config: readConfig(env),
    log: createLog('debug', (line) => logged.push(line)),
    version: VERSION,
    demo: false,
    ...more,
  });
  return { url: service.url, pid: process.pid, logged, stop: () => service.stop(0) };
}

async function startCompiled(env: Record<string, string>, cwd: string, more: More): Promise<Whole> {
  if (more.jobs) throw new Error('this test brings jobs of its own: run it without TEST_PROGRAM');
  const settings = { ...PROGRAM_ENV, LOG_LEVEL: 'debug', GRACEFUL_TIMEOUT: '0', ...env };
  const { url, logged, child, ended } = await startServe(settings, { cwd });
  return {
    ...{ url, logged, pid: child.pid },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`the service ended with ${code}:\n${logged.slice(-5).join('\n')}`);
    },
  };
}

/** The whole service by its environment: of the sources in this process, of the compiled file in a process whose folder is `cwd`. */
export const startWhole = (env: Record<string, string>, cwd: string, more: More = {}): Promise<Whole> =>
  IS_COMPILED ? startCompiled(env, cwd, more) : startHere(env, more);
