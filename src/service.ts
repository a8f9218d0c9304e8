import { type Clock, steadyClock, systemClock } from './base/clock.ts';
import { describe } from './base/errors.ts';
import type { FaultPoints } from './base/fault-point.ts';
import { Seal } from './base/seal.ts';
import { touchTempFolder } from './base/temp-folder.ts';
import { createAi, createAiData } from './compose/ai.ts';
import { openCore } from './compose/core.ts';
import { proveEngine } from './compose/engines.ts';
import { createBackups, createHousekeeping } from './compose/housekeeping.ts';
import { createFileSources, createSecrets } from './compose/ingest.ts';
import { createJobs, createRuns } from './compose/jobs.ts';
import { createMcp } from './compose/mcp.ts';
import { createOutbound } from './compose/outbound.ts';
import type { Place } from './compose/parts.ts';
import { joinPeers, metricObjects } from './compose/peers.ts';
import { createSourceFacts } from './compose/queries.ts';
import { createReadiness } from './compose/readiness.ts';
import { startSelfCheck, threadPool } from './compose/self-check.ts';
import { createStats } from './compose/stats.ts';
import { createSync } from './compose/sync.ts';
import { createTracer } from './compose/tracing.ts';
import type { Config } from './config.ts';
import type { Authenticate } from './http/access.ts';
import { createApp } from './http/app.ts';
import { createLive } from './http/live.ts';
import { aiRoutes } from './http/routes/ai.ts';
import { apiKeysRoutes } from './http/routes/api-keys.ts';
import { auditRoutes } from './http/routes/audit.ts';
import { authRoutes } from './http/routes/auth.ts';
import { backupsRoutes } from './http/routes/backups.ts';
import { calendarsRoutes } from './http/routes/calendars.ts';
import { datasetsRoutes } from './http/routes/datasets.ts';
import { datasourcesRoutes } from './http/routes/datasources.ts';
import { liveRoutes } from './http/routes/live.ts';
import { mcpRoutes } from './http/routes/mcp.ts';
import { modelsRoutes } from './http/routes/models.ts';
import { queryRoutes } from './http/routes/queries.ts';
import { runsRoutes } from './http/routes/runs.ts';
import { schedulesRoutes } from './http/routes/schedules.ts';
import { secretsRoutes } from './http/routes/secrets.ts';
import { syncTasksRoutes } from './http/routes/sync-tasks.ts';
import { usersRoutes } from './http/routes/users.ts';
import { type Listening, listen } from './http/server.ts';
import type { Job } from './jobs/job.ts';
import { openFirstAccess } from './services/identity.ts';
import { LiveFeed } from './services/live-feed.ts';
import { resealAll } from './services/reseal.ts';
import type { Runs } from './services/runs.ts';
import type { ScheduleTarget } from './services/schedules.ts';
import { isMetadataUrl } from './store/postgres/address.ts';
import type { Log } from './telemetry/log.ts';

export interface ServiceOptions {
  config: Config;
  log: Log;
  version: string;
  /** Make the demo data. */
  demo: boolean;
  /** Kinds of work beside those of the service. */
  jobs?: readonly Job[];
  /** Of those, the ones that a schedule may start. */
  targets?: readonly ScheduleTarget[];
  /** Tests that kill processes name the places. */
  faults?: FaultPoints | undefined;
  /** Tests that set the clock. */
  clock?: Clock;
  /** Of the process; engine processes get the few that they need. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Of several processes that serve the port, this one's place. */
  place?: Place;
  /** Start the engine before the service is said to be ready, so that a machine without it is found at the start. */
  warm?: boolean;
}

export interface ServiceStop {
  /** How long readiness says no before the port closes. Default 0. */
  delayMs?: number;
  /** What idle connections get to send their last request. Default 0. */
  lingerMs?: number;
}

export interface Service {
  url: string;
  port: number;
  /** A key for this start, where nobody can sign in otherwise. */
  startKey?: string;
  /** Resolves when the demo data is there. */
  demoReady: Promise<void>;
  /** False when a part of the process has not answered for too long: it should be replaced. */
  isWell(): boolean;
  /** Finishes what runs in `graceMs`, cancels the queries that are left, in the databases too, and closes everything. */
  stop(graceMs: number, options?: ServiceStop): Promise<void>;
}

export type StartService = (options: ServiceOptions) => Promise<Service>;

const SWEEP_MS = 60 * 60 * 1000;
const CHORES_MS = 60 * 1000;
const COLLECT_MS = 60 * 1000;
/** Who makes what nobody asked for. */
const NOBODY = { actor: null, address: null, requestId: null };

/** Runs `work` now and then; a failure is logged and the next time is tried again. */
function repeat(name: string, everyMs: number, log: Log, work: () => Promise<unknown>): () => void {
  const timer = setInterval(() => {
    work().catch((error) => log.error('housekeeping.failed', { job: name, cause: describe(error) }));
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Puts the service together and opens its port. Rejects, with nothing left open, when it cannot start. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, log, version, demo, place, faults, clock = systemClock } = options;
  const poolSize = config.METADATA_POOL_SIZE;
  const core = await openCore({ config, log, clock, place, poolSize, faults, env: options.env });
  await using closing = core.closing;
  const {
    parts,
    db,
    store,
    identity,
    datasetStore,
    shared,
    pools,
    ingest,
    sources,
    queries,
    models,
    engine,
  } = core;
  const { metrics } = parts;
  const { datasets } = ingest;
  metrics.buildInfo.set({ version, bun: Bun.version }, 1);
  const { startKey } = await openFirstAccess(identity, store, config, place?.assignment.startKey);
  await resealAll(store, new Seal(config.SECRET_KEY!, config.SECRET_KEY_PREVIOUS), log);
  let isStopping = false;
  const runs: Runs = createRuns(parts, store, identity, (): boolean => jobs.leadership.isExpected);
  const secrets = createSecrets(parts, store, identity);
  const outbound = createOutbound(parts);
  const data = createAiData(queries, models, datasets, sources);
  const ai = createAi(parts, store, identity, data, outbound);
  const backups = createBackups(parts, identity);
  const tracer = await createTracer(config, version);
  closing.defer(() => tracer?.close());
  const { housekeeping, job } = createHousekeeping(parts, {
    ...{ store, identity, runs, backups, shared },
    hasScheduler: () => jobs.leadership.isAnyAlive,
    compactAll: () => sync.compactAll(),
  });
  const fileSources = createFileSources(parts, secrets, outbound, ingest.runner);
  const sync = createSync(parts, {
    ...{ fileSources, db, store, datasetStore, datasets, identity, runs },
    ingest: ingest.runner,
    datasources: sources,
    facts: createSourceFacts(config, metrics, sources),
    faults,
  });
  const jobs = createJobs({
    ...{ config, clock, steady: steadyClock, log, metrics, store, runs, audit: identity.audit },
    faults,
    jobs: [...sync.jobs, job, ...(options.jobs ?? [])],
    targets: [...sync.targets, ...(options.targets ?? [])],
  });
  const stats = createStats(parts, {
    version,
    engine,
    pools,
    access: sources.access,
    datasets: datasetStore,
    more: {
      runs: () => jobs.stats(),
      schedules: () => store.schedules.count(),
      ai: () => ai.calls.stats(),
    },
  });
  const ownStats = async () => ({
    slot: place?.assignment.slot ?? 0,
    requests: app.requests(),
    ...(await stats()),
  });
  const joined = place && joinPeers(place, engine, metrics, log, ownStats);
  const authenticate: Authenticate = (credentials) => identity.authenticator.authenticate(credentials);
  const feed = new LiveFeed({ store, runs, log });
  const live = createLive({ config, feed, authenticate, clock, log, metrics });
  const app = createApp({
    config,
    log,
    metrics,
    clock,
    version,
    tracer,
    authenticate,
    checks: {
      ...createReadiness(parts, db, store, pools),
      running: async () => (isStopping ? 'The process is about to stop' : undefined),
    },
    told: shared ? { bucket: () => shared.probe() } : {},
    stats: async () => ({ ...(await stats()), processes: (await joined?.stats()) ?? [await ownStats()] }),
    isStopping: () => isStopping,
    ...(joined ? { metricsText: joined.metricsText } : {}),
    role: () => jobs.leadership.role,
    isSchedulerAlive: () => jobs.leadership.isAnyAlive,
    isScheduled: () => jobs.leadership.isExpected,
    routes: [
      authRoutes({ signIn: identity.signIn, clock }),
      usersRoutes(identity),
      apiKeysRoutes(identity),
      auditRoutes(identity),
      datasetsRoutes({
        datasets,
        uploadPace: {
          stallMs: config.CHANNEL_TIMEOUT * 1000,
          minBytesPerSecond: config.UPLOAD_MIN_BYTES_PER_SECOND,
        },
      }),
      datasourcesRoutes(sources),
      secretsRoutes({ secrets }),
      modelsRoutes({ models }),
      queryRoutes({ queries }),
      backupsRoutes({ backups, cron: config.BACKUP_CRON }),
      runsRoutes({ runs }),
      syncTasksRoutes(sync),
      schedulesRoutes(jobs),
      calendarsRoutes(jobs),
      liveRoutes(),
      aiRoutes({ ...ai, models, heartbeatMs: config.AI_HEARTBEAT_SECONDS * 1000, log }),
      mcpRoutes({
        mcp: createMcp(parts, version, data, { datasets, models, sources }),
        origins: config.CORS_ORIGINS,
      }),
    ],
  });
  const listening: Listening = listen(app, config, log, { live, inherited: place?.socket });
  if (options.warm)
    await proveEngine(pools).catch(async (error) => {
      await listening.stop({ graceMs: 0 });
      throw error;
    });
  const selfCheck = startSelfCheck({
    parts: {
      threadPool: threadPool(parts.tempFolder),
      // A server that does not answer is no fault of this process.
      ...(isMetadataUrl(config.METADATA_DB_PATH) ? {} : { metadata: () => store.users.count() }),
    },
    log,
  });
  closing.defer(() => selfCheck.stop());
  jobs.start();
  const mostRequests = config.MAX_REQUESTS + Math.floor(Math.random() * (config.MAX_REQUESTS_JITTER + 1));
  place?.link.ready({
    beat: () => ({ requests: app.requests(), rssBytes: process.memoryUsage.rss() }),
    metrics: () => metricObjects(metrics, log),
    isWell: selfCheck.isWell,
    isDone: () => config.MAX_REQUESTS > 0 && app.requests() >= mostRequests,
  });
  closing.defer(repeat('chores', CHORES_MS, log, () => housekeeping.tick()));
  closing.defer(repeat('tempFolder', SWEEP_MS, log, () => touchTempFolder(parts.tempFolder)));
  closing.defer(repeat('datasets', COLLECT_MS, log, () => datasets.collect()));
  if (shared) closing.defer(repeat('bucket', COLLECT_MS, log, () => shared.collect()));
  shared
    ?.collect()
    .catch((error) => log.error('housekeeping.failed', { job: 'bucket', cause: describe(error) }));
  datasets
    .collect()
    .then(() => datasets.views.refreshIfStale())
    .catch((error) => log.error('housekeeping.failed', { job: 'datasets', cause: describe(error) }));
  log.info('service.started', { url: listening.url, version });
  const open = closing.move();
  return {
    url: listening.url,
    port: listening.port,
    isWell: selfCheck.isWell,
    ...(startKey === undefined ? {} : { startKey }),
    demoReady: demo ? datasets.ensureDemo(NOBODY).then(() => undefined) : Promise.resolve(),
    async stop(graceMs, { delayMs = 0, lingerMs = 0 } = {}) {
      isStopping = true;
      if (delayMs > 0) await Bun.sleep(delayMs);
      try {
        await Promise.all([listening.stop({ graceMs, lingerMs }), jobs.stop(graceMs)]);
        await engine.close();
        await place?.link.bye(await metricObjects(metrics, log));
      } finally {
        await open.disposeAsync();
      }
    },
  };
}
