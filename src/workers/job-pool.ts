import type { RunOptions } from './pool.ts';

export interface JobOptions extends RunOptions {
  /** For the log: who asked. */
  owner?: string | undefined;
  /** The job changes something, so it is not run again when its process ends. */
  isOnce?: boolean | undefined;
  /** Asks how things are: its failure says nothing about what it asked with. */
  isProbe?: boolean | undefined;
}

/** Where jobs run, wherever that is. */
export interface JobPool<Job, Result> {
  run(job: Job, options: JobOptions): Promise<Result>;
  /** As `run`, but undefined where nothing has been started: what asks for figures must not start a process. */
  runIfStarted(job: Job, options: JobOptions): Promise<Result | undefined>;
  stats(): { size: number; started: number; busy: number; jobs: number };
}
