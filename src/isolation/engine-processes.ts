import { AppError, describe } from '../base/errors.ts';
import type { Refused } from '../host/engine-process.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { EngineKind } from './engine-kind.ts';
import { type EndCause, EngineProcess } from './engine-process.ts';
import { LanePool } from './lane-pool.ts';
import { type MemoryLimits, MemoryWatch, residentBytes } from './memory-watch.ts';
import type { Lane, ThreadDied, Threads } from './messages.ts';
import { type DangerousStatement, Strikes } from './strikes.ts';

const LOOK_MS = 100;
/** Where nothing runs, only every so many looks are taken. */
const IDLE_LOOKS = 10;
/** Between two looks; past it the front was stopped or blocked, and beats wait to be heard. */
const HELD_UP_MS = 3000;
/** The spare is started when the first statement is likely to be answered. */
const SPARE_AFTER_MS = 1000;

export interface EngineProcessesOptions {
  /** What starts an engine process. */
  command: readonly string[];
  env: Record<string, string>;
  /** See Init. */
  dataLimitBytes: number;
  nice: number;
  memory: MemoryLimits;
  /** A process without work for so long is ended. */
  idleMs: number;
  metrics: Metrics;
  log: Log;
}

export interface KindOptions {
  /** After an abort, what a job may take to end before its process is ended. */
  endingMs: number;
  /** Made for each process, which gets folders of its own; `removed` is called when it has ended. */
  lanes(): { lanes: readonly Lane[]; removed(): void };
}

export interface EngineProcessInfo {
  kind: string;
  pid: number;
  rssBytes: number;
  running: number;
  ageS: number;
}

/** All engine processes of a front, by kind: starts, watches, replaces and ends them. */
export class EngineProcesses {
  readonly #kinds = new Map<string, EngineKind>();
  readonly #watch: MemoryWatch;
  readonly #kindOf = new Map<EngineProcess, { kind: string; removed(): void }>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly strikes = new Strikes();
  #spare: EngineProcess | undefined;
  #spareTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #looks = 0;
  #lastLookMs = 0;
  #hasWarned = false;

  constructor(readonly options: EngineProcessesOptions) {
    this.#watch = new MemoryWatch(options.memory);
    options.metrics.beforeScrape.push(async () => this.#showBytes());
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Adds a kind of process; gives the doors to its lanes. */
  kind(
    name: string,
    options: KindOptions,
  ): { lane<Job, Result>(lane: string, size: number): LanePool<Job, Result> } {
    const kind = new EngineKind(() => this.#start(name, options));
    this.#kinds.set(name, kind);
    const { metrics, log } = this.options;
    return {
      lane: <Job, Result>(lane: string, size: number) =>
        new LanePool<Job, Result>({ kind, name, lane, size, strikes: this.strikes, metrics, log }),
    };
  }

  list(): EngineProcessInfo[] {
    const now = performance.now();
    return [...this.#kinds].flatMap(([kind, { processes }]) =>
      [...processes].map(({ pid, rssBytes, jobs, startedMs }) => ({
        ...{ kind, pid, rssBytes },
        running: jobs.length,
        ageS: Math.round((now - startedMs) / 1000),
      })),
    );
  }

  dangerous(): DangerousStatement[] {
    return this.strikes.list();
  }

  /** Ends all processes and resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#spareTimer);
    const all = this.#all();
    for (const process of all) process.end('closed');
    await Promise.all(all.map(({ exited }) => exited));
  }

  #all(): EngineProcess[] {
    const running = [...this.#kinds.values()].flatMap(({ processes }) => [...processes]);
    return this.#spare ? [...running, this.#spare] : running;
  }

  #spawnFor(kind: string): EngineProcess {
    try {
      return this.#spawn();
    } catch (error) {
      this.options.log.error('engine.startFailed', { kind, cause: describe(error) });
      throw new AppError('overloaded', 'The system has no room for one more process', {
        retryAfterS: 5,
        cause: error,
      });
    }
  }

  #spawn(): EngineProcess {
    const { command, env, log, metrics } = this.options;
    return new EngineProcess({
      command,
      env,
      endingMs: 0,
      largeBytes: this.options.memory.processBytes / 2,
      onThreads: (threads) => this.#countThreads(threads),
      onThreadDied: ({ lane, why }: ThreadDied) => {
        metrics.workersDied.inc({ pool: lane });
        log.error('worker.died', { pool: lane, why });
      },
      onRefused: (refused) => this.#warn(refused),
      onEnd: (process, why, said) => this.#ended(process, why, said),
    });
  }

  /** Throws AppError `overloaded` where the system has no room for one more process. */
  #start(kind: string, { lanes, endingMs }: KindOptions): EngineProcess {
    const process = this.#spare?.isAlive ? this.#spare : this.#spawnFor(kind);
    this.#spare = undefined;
    const made = lanes();
    this.#kindOf.set(process, { kind, removed: made.removed });
    const { dataLimitBytes, nice, metrics } = this.options;
    process.init({ lanes: made.lanes, dataLimitBytes, nice }, endingMs);
    metrics.engineProcesses.inc({ kind });
    this.#prepareSpare();
    return process;
  }

  /** One process that has started, for whichever kind needs the next. */
  #prepareSpare(): void {
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => {
      if (this.#isClosed || this.#spare?.isAlive || this.#kindOf.size === 0) return;
      this.#startSpare();
    }, SPARE_AFTER_MS);
    this.#spareTimer.unref();
  }

  /** Once: each process meets the same sandbox. */
  #warn(refused: readonly Refused[]): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    for (const { what, why } of refused) this.options.log.warning('engine.refused', { what, why });
  }

  #startSpare(): void {
    try {
      this.#spare = this.#spawn();
    } catch (error) {
      // Without a spare the next process takes longer to start, or fails with its request.
      this.options.log.warning('engine.noSpare', { cause: describe(error) });
    }
  }

  #ended(process: EngineProcess, why: EndCause, said: string): void {
    if (this.#spare === process) this.#spare = undefined;
    const found = this.#kindOf.get(process);
    if (!found) return;
    this.#kindOf.delete(process);
    const { metrics, log } = this.options;
    metrics.engineProcesses.dec({ kind: found.kind });
    metrics.engineEnds.inc({ kind: found.kind, why });
    if (why !== 'closed')
      log.error('engine.ended', {
        kind: found.kind,
        why,
        pid: process.pid,
        rssBytes: process.rssBytes,
        said,
      });
    for (const lane of this.#kinds.get(found.kind)!.threads.keys())
      for (const state of ['idle', 'busy']) metrics.workers.set({ pool: lane, state }, 0);
    found.removed();
    if (this.#isClosed) return;
    if (this.#kindOf.size === 0) this.#spare?.end('closed');
    else this.#prepareSpare();
  }

  #countThreads(threads: Threads): void {
    const { lane, started, busy } = threads;
    for (const kind of this.#kinds.values()) if (kind.lanes.has(lane)) kind.threads.set(lane, threads);
    this.options.metrics.workers.set({ pool: lane, state: 'busy' }, busy);
    this.options.metrics.workers.set({ pool: lane, state: 'idle' }, started - busy);
  }

  #showBytes(): void {
    for (const [name, { processes }] of this.#kinds) {
      const bytes = [...processes].reduce((sum, { rssBytes }) => sum + rssBytes, 0);
      this.options.metrics.engineBytes.set({ kind: name }, bytes);
    }
  }

  #look(): void {
    this.#looks++;
    const all = this.#all();
    const isIdle = all.every(({ isBusy }) => !isBusy);
    if (all.length === 0 || (isIdle && this.#looks % IDLE_LOOKS !== 0)) return;
    const now = performance.now();
    this.#watch.look(all, now, residentBytes(process.pid) ?? 0);
    const wasHeldUp = now - this.#lastLookMs > HELD_UP_MS;
    this.#lastLookMs = now;
    for (const one of all) {
      if (wasHeldUp) one.forgiveSilence(now);
      else one.checkBeat(now);
    }
    for (const kind of this.#kinds.values()) kind.endIdle(now - this.options.idleMs);
  }
}
