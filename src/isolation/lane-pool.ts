import { AppError } from '../base/errors.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { JobOptions, JobPool } from '../workers/job-pool.ts';
import type { EngineKind } from './engine-kind.ts';
import { type EngineProcess, MEMORY_DETAIL, ProcessEnded, type RunNote } from './engine-process.ts';
import { Resumed, RunsDiffer } from './resumed.ts';
import type { Strikes } from './strikes.ts';

export interface LanePoolOptions {
  kind: EngineKind;
  /** Of the kind, for metrics and the log. */
  name: string;
  lane: string;
  /** Threads of the lane in one process. */
  size: number;
  strikes: Strikes;
  metrics: Metrics;
  log: Log;
}

const processDied = (cause: unknown) =>
  new AppError('worker.died', 'The process that ran this ended; the request may be sent again', {
    retryAfterS: 1,
    cause,
  });

const isMemoryUsedUp = (error: unknown) =>
  error instanceof AppError && error.params?.limit === 'ENGINE_MEMORY_LIMIT';

/** Whether the memory that a job did not get may have been taken by others of its process: alone, it will be seen. */
function isOfCompany(
  error: unknown,
  { hadOthers }: RunNote,
  { isOnce, isProbe, signal }: JobOptions,
): boolean {
  return hadOthers && !isOnce && !isProbe && !signal.aborted && isMemoryUsedUp(error);
}

/** The door to one lane of a kind of engine process: runs jobs, and runs them again when their process ends without their fault. */
export class LanePool<Job, Result> implements JobPool<Job, Result> {
  #isClosed = false;
  #jobs = 0;

  constructor(readonly options: LanePoolOptions) {
    options.kind.lanes.add(options.lane);
  }

  /** Threads of the process that takes jobs, and jobs under way. */
  stats(): { size: number; started: number; busy: number; jobs: number } {
    const { kind, lane, size } = this.options;
    const { started, busy } = (kind.isStarted && kind.threads.get(lane)) || { started: 0, busy: 0 };
    return { size, started, busy, jobs: this.#jobs };
  }

  /**
   * Runs a job. An abort ends it in the engine, or ends the engine process; the promise then rejects with the signal's reason. A job
   * whose process ended by another's fault runs again once. Throws `worker.died`, `limit.memory`, `query.dangerous` and what the job throws.
   */
  async run(job: Job, options: JobOptions): Promise<Result> {
    if (this.#isClosed) throw new AppError('overloaded', 'The service is stopping', { retryAfterS: 5 });
    const { lane, strikes } = this.options;
    if (!options.isProbe) strikes.refuse(lane, job);
    this.#jobs++;
    try {
      const result = await this.#runTwice(job, options);
      strikes.clear(lane, job);
      return result as Result;
    } finally {
      this.#jobs--;
    }
  }

  /** As `run`, but undefined where no process of the kind runs: what asks for figures must not start one. */
  async runIfStarted(job: Job, options: JobOptions): Promise<Result | undefined> {
    return this.options.kind.isStarted ? this.run(job, options) : undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #runTwice(job: Job, options: JobOptions): Promise<unknown> {
    const { kind, lane, name, metrics } = this.options;
    const resumed = options.onChunk && new Resumed(options.onChunk);
    const asked = { ...options, onChunk: resumed?.take };
    const note: RunNote = { hadOthers: false };
    const runIn = async (process: EngineProcess) => {
      try {
        return await process.run(lane, job, asked, note);
      } catch (error) {
        if (isMemoryUsedUp(error)) kind.retire(process);
        throw error;
      }
    };
    try {
      return await runIn(kind.current());
    } catch (error) {
      const isSuspect = isOfCompany(error, note, options) || this.#judge(error, job, options);
      metrics.queriesRerun.inc({ kind: name });
      resumed?.restart();
      try {
        return await (isSuspect ? kind.alone(options.signal, runIn) : runIn(kind.current()));
      } catch (second) {
        if (second instanceof RunsDiffer) throw processDied(error);
        this.#judge(second, job, options);
        throw second instanceof AppError ? second : processDied(second);
      }
    }
  }

  /** Throws what the caller gets, unless the job may run again; then says whether it may be what ended its process. */
  #judge(error: unknown, job: Job, { signal, owner, isOnce, isProbe }: JobOptions): boolean {
    if (!(error instanceof ProcessEnded)) {
      // A thread or an instance was lost, and the process goes on.
      if (error instanceof AppError && error.code === 'worker.died' && !isOnce && !isProbe) return false;
      throw error;
    }
    const { why, isCulprit, said } = error;
    const isSuspect = !isProbe && (isCulprit || why === 'crash');
    const refusal = isSuspect ? this.#strike(job, why, owner) : undefined;
    if (signal.aborted) throw signal.reason;
    if (refusal) throw refusal;
    if (isCulprit && why === 'memory')
      throw new AppError('limit.memory', MEMORY_DETAIL, { params: { limit: 'ENGINE_MEMORY_LIMIT' } });
    if (isOnce || isProbe || why === 'closed') throw processDied(said);
    return isSuspect;
  }

  #strike(job: Job, why: string, owner: string | undefined): AppError | undefined {
    const { lane, strikes, log, metrics } = this.options;
    const { fingerprint, refusal } = strikes.add(lane, job);
    log.warning('engine.suspect', { lane, why, fingerprint, user: owner });
    if (!refusal) return undefined;
    metrics.queriesDangerous.inc({ lane });
    return refusal;
  }
}
