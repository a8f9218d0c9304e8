import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { readConfig } from '../../src/config.ts';
import type { AuditEvent } from '../../src/domain/audit.ts';
import { createApp } from '../../src/http/app.ts';
import { datasetsRoutes } from '../../src/http/routes/datasets.ts';
import { listen } from '../../src/http/server.ts';
import { LOCAL_FILES } from '../../src/lake/bucket/local-files.ts';
import { foldersOf, makeFolders } from '../../src/lake/folders.ts';
import type { IngestJob, IngestOptions, IngestRunner } from '../../src/lake/jobs.ts';
import { Datasets } from '../../src/services/datasets.ts';
import { openDatabase } from '../../src/store/database.ts';
import { DatasetStore } from '../../src/store/datasets.ts';
import { migrate } from '../../src/store/migrate.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { WorkerPool } from '../../src/workers/pool.ts';
import { workerUrl } from '../../src/workers/urls.ts';
import { ADMIN, authenticate, type ProblemBody } from './core-kit.ts';

export interface LakeOptions {
  env?: Record<string, string>;
  home?: string;
  stallMs?: number;
  ingest?: (runner: IngestRunner) => IngestRunner;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of a body
  body: any;
}

export type Lake = Awaited<ReturnType<typeof startLake>>;

/** Datasets over a folder, without HTTP. */
export async function openLake({ env = {}, home, ingest = (runner) => runner }: LakeOptions = {}) {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'lake-')));
  const config = readConfig({ PORT: '0', ...env });
  const folders = foldersOf(join(folder, 'local.duckdb'));
  await makeFolders(folders);
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const db = await openDatabase(join(folder, 'meta.sqlite'));
  await migrate(db, join(folder, 'meta.sqlite'), silentLog);
  const metrics = createMetrics();
  const options: IngestOptions = {
    datasets: folders.datasets,
    uploads: folders.uploads,
    tempFolder: join(folder, 'tmp'),
    memoryLimitBytes: 512 << 20,
    tempMaxBytes: 4 * 2 ** 30,
    threads: 2,
    maxExpandedBytes: config.UPLOAD_MAX_EXPANDED_BYTES,
    maxGzipRatio: config.UPLOAD_MAX_GZIP_RATIO,
    maxValueBytes: config.UPLOAD_MAX_VALUE_BYTES,
    maxColumns: config.UPLOAD_MAX_COLUMNS,
  };
  const url = workerUrl('ingest');
  const pool = new WorkerPool<IngestJob, unknown>({
    url,
    size: 1,
    options,
  });
  const events: AuditEvent[] = [];
  const datasets = new Datasets({
    store: new DatasetStore(db, (id, file) => join(folders.datasets, id, file)),
    folders,
    files: LOCAL_FILES,
    ingest: ingest(pool as IngestRunner),
    clock: systemClock,
    metrics,
    log: silentLog,
    maxBytes: config.UPLOAD_MAX_BYTES,
    maxOriginalBytes: config.DATASET_ORIGINAL_MAX_BYTES,
    concurrency: config.UPLOAD_CONCURRENCY,
    minRowsPercent: config.UPLOAD_MIN_ROWS_PERCENT,
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    graceSeconds: config.DATASET_GRACE_SECONDS,
    record: async (event) => void events.push(event),
  });
  return {
    folder,
    folders,
    config,
    db,
    metrics,
    datasets,
    events,
    async [Symbol.asyncDispose]() {
      await datasets.views.settled();
      pool.close();
      await db.destroy();
      if (home === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The app with its datasets on a free port. */
export async function startLake(options: LakeOptions = {}) {
  const lake = await openLake(options);
  const { config, datasets, metrics } = lake;
  const app = createApp({
    config,
    log: silentLog,
    metrics,
    clock: systemClock,
    version: '0',
    authenticate,
    checks: {},
    stats: async () => ({}),
    role: () => 'web',
    routes: [
      datasetsRoutes({
        datasets,
        uploadPace: {
          stallMs: options.stallMs ?? 20_000,
          minBytesPerSecond: config.UPLOAD_MIN_BYTES_PER_SECOND,
        },
      }),
    ],
  });
  const server = listen(app, config, silentLog);

  async function call(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { ...ADMIN, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${server.url}/api${path}`, { ...init, method, headers });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Uploads a file with options as a form; `path` for a new generation. */
  function upload(
    fields: Record<string, string>,
    content: string | Uint8Array<ArrayBuffer>,
    fileName = 'data.csv',
    path = '/datasets',
  ): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new File([content], fileName));
    return call('POST', path, { body: form });
  }

  async function rowsOf(name: string): Promise<unknown[][]> {
    const { body } = await call('GET', `/datasets/${encodeURIComponent(name)}/preview?limit=1000`);
    return body.rows;
  }

  return {
    ...lake,
    url: server.url,
    call,
    upload,
    rowsOf,
    json: (method: string, path: string, body: unknown) =>
      call(method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    async [Symbol.asyncDispose]() {
      await server.stop({ graceMs: 0 });
      await lake[Symbol.asyncDispose]();
    },
  };
}

/** `name:type` of each column. */
export const shapeOf = (answer: Answer) =>
  answer.body.columns?.map(
    ({ name, type, scale }: { name: string; type: string; scale?: number }) =>
      `${name}:${type}${scale === undefined ? '' : `(${scale})`}`,
  ) ?? (answer.body as ProblemBody);
