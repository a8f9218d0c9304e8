import type { RunContext } from '../domain/run.ts';

/** A kind of work. What it gives is kept as the run's result; it must hold no secret. */
export interface Job {
  kind: string;
  /** Seconds that an attempt may take, where JOB_TIMEOUT_SECONDS does not fit. */
  timeoutS?: number;
  /**
   * Does the work. An attempt may follow one that was cut off anywhere, so each step must be fit to be done again; an AppError whose code
   * says that it will pass (retry.ts) is tried again. Must heed `context.signal`.
   */
  run(input: unknown, context: RunContext): Promise<Record<string, unknown>>;
}

export type JobRegistry = ReadonlyMap<string, Job>;

/** Throws where two jobs have one kind. */
export function jobRegistry(jobs: readonly Job[]): JobRegistry {
  const registry = new Map(jobs.map((job) => [job.kind, job]));
  if (registry.size !== jobs.length) throw new Error('two jobs have the same kind');
  return registry;
}
