import { type Clock, iso } from '../base/clock.ts';
import { AppError, describe } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault-point.ts';
import type { RunTrigger } from '../domain/run.ts';
import type { Runs } from '../services/runs.ts';
import type { ClaimedRun } from '../store/run-claims.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ActiveRun } from './active-run.ts';
import type { JobRegistry } from './job.ts';
import { Pulse } from './pulse.ts';
import { isPassing, type RetryRule, retryDelayMs } from './retry.ts';

export interface RunnerOptions {
  concurrency: number;
  timeoutS: number;
  leaseS: number;
  maxLogLines: number;
  retry: RetryRule;
}

export interface RunnerDeps {
  store: Store;
  runs: Runs;
  registry: JobRegistry;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Which runs it takes now; all where it gives undefined. */
  triggers(): readonly RunTrigger[] | undefined;
  /** The name of this process, unlike that of any other. */
  processName: string;
  faults: FaultPoints;
  options: RunnerOptions;
}

const CLAIM_MS = 500;
/** Aborts of other processes are seen within this time. */
const WATCH_MS = 300;
const NOTE_MS = 500;
/** Signs of life in a lease time. */
const BEATS = 4;
/** A job that does not heed its signal is left to itself after this time; its writes are fenced off. */
const UNHEEDED_MS = 10_000;

/** Runs queued runs in this process: claims them, says that it lives, hears of aborts, writes what comes of them. */
export class Runner {
  readonly #active = new Map<string, ActiveRun>();
  readonly #ends = new Set<Promise<void>>();
  readonly #pulses: Pulse[];
  readonly #claiming: Pulse;
  readonly #stopListening: () => void;
  readonly #release = new AppError('run.aborted', 'The process stops; another attempt goes on');
  #heldBack: ReadonlySet<string> = new Set();
  #isStopping = false;

  constructor(readonly deps: RunnerDeps) {
    const { options, runs, log } = deps;
    const pulse = (name: string, everyMs: number, work: () => Promise<void>) =>
      new Pulse(name, everyMs, work, log);
    this.#claiming = pulse('claim', CLAIM_MS, () => this.#claim());
    this.#pulses = [
      this.#claiming,
      pulse('beat', (options.leaseS * 1000) / BEATS, () => this.#beat()),
      pulse('watch', WATCH_MS, () => this.#watch()),
      pulse('note', NOTE_MS, () => this.#noteAll()),
    ];
    this.#stopListening = runs.onNews((news) => {
      if (news.kind === 'queued') this.#claiming.soon();
      else this.#active.get(news.runId)?.end(aborted());
    });
  }

  get running(): number {
    return this.#active.size;
  }

  start(): void {
    for (const pulse of this.#pulses) pulse.start();
  }

  /** Claims no more; runs get `graceMs` to end, then go back into the queue for another process. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#stopListening();
    await this.#claiming.stop();
    const timer = setTimeout(() => {
      for (const run of this.#active.values()) run.end(this.#release);
    }, graceMs);
    while (this.#ends.size > 0) await Promise.all(this.#ends);
    clearTimeout(timer);
    for (const pulse of this.#pulses) await pulse.stop();
  }

  async #claim(): Promise<void> {
    const { store, registry, clock, options, processName, faults } = this.deps;
    const most = options.concurrency - this.#active.size;
    const kinds = [...registry.keys()];
    const at = iso(clock.now());
    const due = { kinds, at, triggers: this.deps.triggers() };
    if (most <= 0 || kinds.length === 0 || due.triggers?.length === 0) return;
    if (!(await store.runClaims.hasDue(due))) return;
    await faults.reach('claim.before');
    const claimed = await store.runClaims.claim({ ...due, by: processName, most });
    if (claimed.length > 0) await faults.reach('claim.after');
    if (claimed.length < most) await this.#countHeldBack(kinds, at);
    for (const each of claimed) this.#begin(each);
  }

  /** Each run that waits for others of its datasource is counted once a wait. */
  async #countHeldBack(kinds: readonly string[], at: string): Promise<void> {
    const { store, metrics } = this.deps;
    const waiting = new Set(await store.runClaims.heldBack(kinds, at));
    const fresh = waiting.difference(this.#heldBack).size;
    if (fresh > 0) metrics.limitsHit.inc({ limit: 'SYNC_SOURCE_CONCURRENCY' }, fresh);
    this.#heldBack = waiting;
  }

  #begin(claimed: ClaimedRun): void {
    const job = this.deps.registry.get(claimed.run.kind)!;
    const run = new ActiveRun(claimed, job, this.deps.clock);
    // This process was taken for dead and has claimed its own run anew.
    this.#active.get(run.id)?.end(fenced());
    this.#active.set(run.id, run);
    this.deps.metrics.runsRunning.set(this.#active.size);
    const end = this.#execute(run).finally(() => {
      if (this.#active.get(run.id) === run) this.#active.delete(run.id);
      this.#ends.delete(end);
      this.deps.metrics.runsRunning.set(this.#active.size);
      this.#claiming.soon();
    });
    this.#ends.add(end);
  }

  async #execute(run: ActiveRun): Promise<void> {
    const { metrics, log, options } = this.deps;
    const startedMs = performance.now();
    const timeoutS = run.job.timeoutS ?? options.timeoutS;
    const timer = setTimeout(() => {
      if (run.job.timeoutS === undefined) metrics.limitsHit.inc({ limit: 'JOB_TIMEOUT_SECONDS' });
      run.end(
        new AppError('run.timeout', `The run took longer than ${timeoutS} s`, { params: { timeoutS } }),
      );
    }, timeoutS * 1000);
    const { id } = run;
    const { kind, attempt } = run.claimed.run;
    log.info('run.started', { id, kind, attempt });
    const outcome = await this.#outcome(run);
    clearTimeout(timer);
    const name = await this.#written(run, outcome);
    metrics.runs.inc({ kind, outcome: name });
    metrics.runSeconds.observe({ kind }, (performance.now() - startedMs) / 1000);
    log.info('run.ended', { id, kind, attempt, outcome: name });
  }

  async #outcome(run: ActiveRun): Promise<Outcome> {
    try {
      const work = run.job.run(run.claimed.run.input, run.context());
      const unheeded = () => this.deps.log.warning('run.unheeded', { id: run.id, kind: run.job.kind });
      return { result: await heeded(work, run.signal, unheeded) };
    } catch (error) {
      return { error: run.endedBy ?? error };
    }
  }

  /** Writes the outcome, again and again while the metadata cannot be written: a result is not lost to a full disk of a minute. */
  async #written(run: ActiveRun, outcome: Outcome): Promise<string> {
    if ('error' in outcome && isFenced(outcome.error)) return 'fenced';
    for (let delayMs = 100; ; delayMs = Math.min(5000, delayMs * 2)) {
      try {
        await this.#note(run);
        await this.deps.faults.reach('complete.before');
        const written = await this.#write(run, outcome);
        await this.deps.faults.reach('complete.after');
        return written;
      } catch (error) {
        if (isFenced(error)) return 'fenced';
        this.deps.log.error('run.notWritten', { id: run.id, cause: describe(error) });
        if (this.#isStopping) return 'unwritten';
        await Bun.sleep(delayMs);
      }
    }
  }

  async #write(run: ActiveRun, outcome: Outcome): Promise<string> {
    const { store, clock, options, metrics, log } = this.deps;
    const at = iso(clock.now());
    if ('result' in outcome) {
      await store.runClaims.succeed(run.claim, outcome.result, at);
      return 'succeeded';
    }
    const { error } = outcome;
    const fault = run.faultOf(error);
    if (error === this.#release) {
      await store.runClaims.release(run.claim, run.claimed.run.attempt, at);
      return 'released';
    }
    if (error instanceof AppError && error.code === 'run.aborted') {
      await store.runClaims.abort(run.claim, fault, at);
      return 'aborted';
    }
    if (!(error instanceof AppError) || fault.code === 'internal')
      log.error('run.failed', { id: run.id, kind: run.job.kind, cause: describe(error) });
    const failures = run.claimed.failures + 1;
    const delayMs = retryDelayMs(error, failures, options.retry);
    if (delayMs === undefined) {
      if (isPassing(error)) metrics.limitsHit.inc({ limit: 'JOB_MAX_ATTEMPTS' });
      await store.runClaims.fail(run.claim, fault, at);
      return 'failed';
    }
    const availableAt = iso(clock.now() + delayMs);
    await store.runClaims.retry(run.claim, { fault, failures, at, availableAt });
    return 'retried';
  }

  async #beat(): Promise<void> {
    const claims = this.#claims();
    if (claims.length === 0) return;
    await this.deps.faults.reach('beat.before');
    await this.deps.store.runClaims.beat(claims);
    await this.deps.faults.reach('beat.after');
  }

  async #watch(): Promise<void> {
    const claims = this.#claims();
    if (claims.length === 0) return;
    for (const { runId, isOwn, abortRequested } of await this.deps.store.runClaims.watch(claims)) {
      const run = this.#active.get(runId);
      if (!isOwn) run?.end(fenced());
      else if (abortRequested) run?.end(aborted());
    }
  }

  async #noteAll(): Promise<void> {
    for (const run of this.#active.values()) await this.#note(run);
  }

  async #note(run: ActiveRun): Promise<void> {
    const news = run.takeNews();
    if (!news) return;
    const { store, metrics, options } = this.deps;
    try {
      const kept = await store.runClaims.note(run.claim, news, options.maxLogLines);
      if (kept < news.lines.length) metrics.limitsHit.inc({ limit: 'RUN_LOG_MAX_LINES' });
    } catch (error) {
      if (isFenced(error)) {
        run.end(error as AppError);
        return;
      }
      run.putBack(news);
      throw error;
    }
  }

  #claims() {
    return [...this.#active.values()].map(({ claim }) => claim);
  }
}

type Outcome = { result: Record<string, unknown> } | { error: unknown };

const fenced = () => new AppError('run.fenced', 'The run belongs to another process by now');
const aborted = () => new AppError('run.aborted', 'The run was aborted');
const isFenced = (error: unknown) => error instanceof AppError && error.code === 'run.fenced';

/** The work's outcome; once the signal aborted, waited for no longer than it should take to heed it. */
async function heeded<T>(work: Promise<T>, signal: AbortSignal, unheeded: () => void): Promise<T> {
  const left = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    timer = setTimeout(() => {
      unheeded();
      left.reject(signal.reason);
    }, UNHEEDED_MS);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  }
}
