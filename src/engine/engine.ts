import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { Lru } from '../base/lru.ts';
import type { DatasourceConnection } from '../domain/datasource.ts';
import type { PolicyFingerprint } from '../domain/principal.ts';
import type { QuerySummary } from '../domain/query-result.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { JobOptions } from '../workers/job-pool.ts';
import type { QueryJob } from '../workers/query-job.ts';
import type { SourceQuery } from '../workers/source-job.ts';
import type { Admission } from './admission.ts';
import { Flight } from './flight.ts';
import type { Plan, QueryKind } from './plan.ts';
import type { SlowQueries } from './slow-queries.ts';
import type { Origin } from './subject.ts';

/** Where queries run: over datasets in the query workers, over databases in the thread that holds their connections. */
export interface Runners {
  dataset(job: QueryJob, options: JobOptions): Promise<QuerySummary>;
  datasource(connection: DatasourceConnection, job: SourceQuery, options: JobOptions): Promise<QuerySummary>;
}

export interface EngineDeps {
  runners: Runners;
  admission: Admission;
  metrics: Metrics;
  clock: Clock;
  slow: SlowQueries;
  timeoutS: number;
  cacheBytes: number;
  /** Files of datasets may be elsewhere: they are here when it resolves, until the function that it gives is called. */
  holdFiles?: (paths: readonly string[], signal: AbortSignal) => Promise<() => void>;
}

export interface Ask {
  plan: Plan;
  policy: PolicyFingerprint;
  userId: string;
  /** Names the query for `cancel`; unique among those of the user that run. */
  requestId: string;
  /** At most the engine's own. */
  timeoutS: number | undefined;
  /** Run it anew, whatever the cache holds. */
  fresh: boolean;
  /** Part of a request that was counted against the user's rate already. */
  isStep?: boolean;
  signal: AbortSignal;
}

interface CacheHit {
  hit: boolean;
  ageS: number;
}

/** An answer that may still be under way: its body without what the front adds. */
export interface Answer {
  cache: CacheHit;
  /** The body, as it comes. */
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
  /** The whole body where the query is done. */
  whole: Uint8Array<ArrayBuffer>[] | undefined;
  /** Resolves when the last byte was made. */
  done: Promise<QuerySummary>;
  /** The reader has gone before the end. */
  leave(): void;
}

interface Cached {
  chunks: Uint8Array<ArrayBuffer>[];
  summary: QuerySummary;
  atMs: number;
}

/** A query that has a reader, or that its last reader left and that has not ended yet. */
export interface RunningQuery {
  requestId: string;
  userId: string;
  kind: string;
  dataset: string;
  startedAtMs: number;
  state: 'running' | 'ending';
}

interface Running extends RunningQuery {
  cancel(): void;
}

type Outcome = 'ok' | 'cancelled' | 'timeout' | 'refused' | 'error';

/** Beside what is past a limit: those that found no room. */
const REFUSALS = new Set(['overloaded', 'datasource.busy']);

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof AppError)) return 'error';
  if (error.code === 'query.cancelled' || error.code === 'request.aborted') return 'cancelled';
  if (error.code === 'query.timeout') return 'timeout';
  return error.code.startsWith('limit.') || REFUSALS.has(error.code) ? 'refused' : 'error';
}

/** The door to running queries: cache, single flight, turns, deadline, cancel. */
export class Engine {
  readonly #cache: Lru<Cached>;
  readonly #flights = new Map<string, Flight>();
  readonly #running = new Map<string, Running>();
  readonly #ending = new Set<RunningQuery>();
  readonly #runs = new Set<Promise<unknown>>();
  /** Keys of plans that are asked again, which is most of what a cached answer costs. */
  readonly #keys = new WeakMap<Plan, { policy: PolicyFingerprint; key: string }>();

  constructor(readonly deps: EngineDeps) {
    this.#cache = new Lru(deps.cacheBytes, () => deps.metrics.cacheEvictions.inc());
  }

  get slow(): SlowQueries {
    return this.deps.slow;
  }

  stats() {
    return {
      ...this.deps.admission.stats(),
      cache: { entries: this.#cache.size, bytes: this.#cache.bytes, maxBytes: this.#cache.maxBytes },
    };
  }

  running(): RunningQuery[] {
    const running = [...this.#running.values()].map(({ cancel, ...query }) => query);
    return [...running, ...this.#ending];
  }

  /** Ends a running query for the one who asked it; false when there is none of that name. */
  cancel(requestId: string, userId: string): boolean {
    const query = this.#running.get(`${userId} ${requestId}`);
    query?.cancel();
    const isEnding = [...this.#ending].some((one) => one.requestId === requestId && one.userId === userId);
    return query !== undefined || isEnding;
  }

  /** Ends all that runs; resolves when the workers and databases have let go. */
  async close(): Promise<void> {
    for (const query of [...this.#running.values()]) query.cancel();
    await Promise.allSettled(this.#runs);
  }

  /** The key of an answer: all that decides it, and who may see it. */
  static key(plan: Plan, policy: PolicyFingerprint): string {
    const { id, version } = plan.origin;
    return new Bun.CryptoHasher('sha256')
      .update(JSON.stringify([plan.job, id, version, policy]))
      .digest('base64url');
  }

  #keyOf(plan: Plan, policy: PolicyFingerprint): string {
    const known = this.#keys.get(plan);
    if (known?.policy === policy) return known.key;
    const key = Engine.key(plan, policy);
    this.#keys.set(plan, { policy, key });
    return key;
  }

  /**
   * Throws `limit.user` or `overloaded` where a query that was never planned, and so is neither cached nor running, would find no
   * room: planning is most of what its refusal would cost.
   */
  refuseUnplanned(userId: string, { engine }: Origin, kind: QueryKind): void {
    const { admission, metrics } = this.deps;
    const refusal = admission.refusal(userId);
    if (!refusal) return;
    if (refusal.code === 'overloaded') metrics.queries.inc({ engine, kind, outcome: 'refused' });
    throw refusal;
  }

  /**
   * Answers when the first bytes are there, the query is done, or it failed. Throws `limit.rate`, `limit.user`, `overloaded`,
   * `query.timeout`, `query.cancelled`, `worker.died` and what the query itself throws.
   */
  async ask(ask: Ask): Promise<Answer> {
    const { metrics } = this.deps;
    ask.signal.throwIfAborted();
    const key = this.#keyOf(ask.plan, ask.policy);
    const cached = ask.fresh ? undefined : this.#cache.get(key);
    if (cached && this.#isFresh(cached, ask.plan.origin)) {
      metrics.cacheHits.inc();
      return this.#fromCache(cached);
    }
    metrics.cacheMisses.inc();
    return this.#follow(ask, key);
  }

  #isFresh({ atMs }: Cached, { cacheTtlS }: Origin): boolean {
    return cacheTtlS === undefined || this.deps.clock.now() - atMs < cacheTtlS * 1000;
  }

  #fromCache({ chunks, summary, atMs }: Cached): Answer {
    return {
      cache: { hit: true, ageS: Math.max(0, Math.round((this.deps.clock.now() - atMs) / 1000)) },
      async *chunks() {
        yield* chunks;
      },
      whole: chunks,
      done: Promise.resolve(summary),
      leave: () => undefined,
    };
  }

  async #follow(ask: Ask, key: string): Promise<Answer> {
    const { clock } = this.deps;
    const name = `${ask.userId} ${ask.requestId}`;
    if (this.#running.has(name)) {
      throw new AppError(
        'resource.conflict',
        `A query with the requestId ${JSON.stringify(ask.requestId)} is running`,
        { pointer: '/requestId' },
      );
    }
    const flight = this.#flight(ask, key);
    const cancelled = Promise.withResolvers<never>();
    cancelled.promise.catch(() => undefined);
    const follower = flight.follow();
    const stop = (reason: unknown) => {
      cancelled.reject(reason);
      follower.leave();
    };
    const limitS = Math.min(ask.timeoutS ?? this.deps.timeoutS, this.deps.timeoutS);
    const timer = setTimeout(() => stop(this.#timedOut(limitS)), limitS * 1000);
    const onAbort = () => stop(new AppError('request.aborted', 'The client has gone'));
    ask.signal.addEventListener('abort', onAbort, { once: true });
    const query: RunningQuery = {
      requestId: ask.requestId,
      userId: ask.userId,
      kind: ask.plan.kind,
      dataset: ask.plan.origin.name,
      startedAtMs: clock.now(),
      state: 'running',
    };
    this.#running.set(name, {
      ...query,
      cancel: () => stop(new AppError('query.cancelled', 'The query was cancelled')),
    });
    const end = () => {
      clearTimeout(timer);
      ask.signal.removeEventListener('abort', onAbort);
      this.#running.delete(name);
      if (flight.isEnding) this.#showEnding(query, flight);
    };
    const done = Promise.race([flight.done, cancelled.promise]).finally(end);
    done.catch(() => undefined);
    await Promise.race([follower.started, cancelled.promise]);
    return {
      cache: { hit: false, ageS: 0 },
      chunks: () => this.#untilCancelled(follower.chunks(), cancelled.promise),
      whole: follower.whole(),
      done,
      leave: () => stop(new AppError('request.aborted', 'The client has gone')),
    };
  }

  /** Keeps a query in sight that no reader waits for, until its statement has really ended. */
  #showEnding(query: RunningQuery, flight: Flight): void {
    const shown: RunningQuery = { ...query, state: 'ending' };
    this.#ending.add(shown);
    const forget = () => this.#ending.delete(shown);
    flight.done.then(forget, forget);
  }

  async *#untilCancelled<T>(
    chunks: AsyncGenerator<T, void>,
    cancelled: Promise<never>,
  ): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = await Promise.race([chunks.next(), cancelled]);
        if (next.done) return;
        yield next.value;
      }
    } finally {
      void chunks.return();
    }
  }

  #timedOut(limitS: number): AppError {
    this.deps.metrics.limitsHit.inc({ limit: 'QUERY_TIMEOUT_SECONDS' });
    return new AppError('query.timeout', `The query took more than the ${limitS} s allowed`, {
      params: { limit: 'QUERY_TIMEOUT_SECONDS', timeoutS: limitS },
    });
  }

  /** The equal query that is running, or a new one. A file that goes out row by row has one reader and is not kept. */
  #flight(ask: Ask, key: string): Flight {
    const { job } = ask.plan;
    const keep = !(job.kind === 'rows' && job.format === 'csv');
    const same = keep && !ask.fresh ? this.#flights.get(key) : undefined;
    if (same?.joinable) {
      this.deps.metrics.queriesShared.inc();
      return same;
    }
    if (!ask.isStep) this.deps.admission.checkRate(ask.userId);
    const flight = new Flight(keep, (signal, onChunk) => this.#run(ask, signal, onChunk));
    this.#runs.add(flight.done);
    const forget = () => this.#runs.delete(flight.done);
    flight.done.then(forget, forget);
    if (keep) this.#keep(key, flight, ask.plan.origin);
    return flight;
  }

  #keep(key: string, flight: Flight, { cacheTtlS }: Origin): void {
    this.#flights.set(key, flight);
    const { metrics, clock } = this.deps;
    flight.done
      .then((summary) => {
        if (cacheTtlS === 0) return;
        const chunks = flight.kept()!;
        this.#cache.set(key, { chunks, summary, atMs: clock.now() }, summary.bytes + 1024);
        metrics.cacheBytes.set(this.#cache.bytes);
        metrics.cacheEntries.set(this.#cache.size);
      })
      .catch(() => undefined)
      .finally(() => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      });
  }

  async #run(
    { plan, userId, requestId }: Ask,
    signal: AbortSignal,
    onChunk: (chunk: Uint8Array<ArrayBuffer>) => Promise<void>,
  ): Promise<QuerySummary> {
    const { metrics, runners, admission, slow } = this.deps;
    const { kind, job, origin, subject } = plan;
    const labels = { engine: origin.engine, kind };
    const run = { signal, onChunk, owner: userId };
    const note = (seconds: number, outcome: Outcome, rows: number | null) =>
      slow.record({
        requestId,
        userId,
        ...labels,
        source: origin.name,
        ms: Math.round(seconds * 1000),
        outcome,
        rows,
      });
    let letGo: (() => void) | undefined;
    try {
      // Before the turn: who waits for a bucket takes no turn from those who need none.
      letGo = await this.deps.holdFiles?.(subject.files, signal);
      const release = await admission.slot(userId, signal);
      const stopTimer = metrics.querySeconds.startTimer(labels);
      let outcome: Outcome = 'ok';
      let rows: number | null = null;
      try {
        const summary = subject.connection
          ? await runners.datasource(subject.connection, job as SourceQuery, run)
          : await runners.dataset(job as QueryJob, run);
        for (const limit of summary.cutBy) metrics.limitsHit.inc({ limit });
        metrics.queries.inc({ ...labels, outcome });
        rows = summary.rowCount;
        return summary;
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        note(stopTimer(), outcome, rows);
        release();
      }
    } catch (error) {
      metrics.queries.inc({ ...labels, outcome: outcomeOf(error) });
      this.#countRefusal(error);
      throw error;
    } finally {
      letGo?.();
    }
  }

  #countRefusal(error: unknown): void {
    if (!(error instanceof AppError)) return;
    const { metrics } = this.deps;
    if (error.params?.limit === 'ENGINE_MEMORY_LIMIT')
      metrics.limitsHit.inc({ limit: 'ENGINE_MEMORY_LIMIT' });
    else if (error.code === 'limit.cells') metrics.limitsHit.inc({ limit: 'PIVOT_MAX_CELLS' });
    else if (error.code === 'limit.bytes') metrics.limitsHit.inc({ limit: 'QUERY_MAX_BYTES' });
    else if (error.code === 'limit.rows') metrics.limitsHit.inc({ limit: 'EXPORT_MAX_ROWS' });
    else if (error.code === 'limit.memory') metrics.limitsHit.inc({ limit: 'DUCKDB_MEMORY_LIMIT' });
  }
}
