import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DatasetSource } from '../../src/domain/dataset.ts';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { PivotFormat, QuerySummary, RowFormat } from '../../src/domain/query-result.ts';
import type { DistinctSpec, QuerySpec } from '../../src/domain/query-spec.ts';
import { openFenced } from '../../src/drivers/duckdb/instance.ts';
import { type PlanOptions, planDistinct, planPivot, planSpec } from '../../src/engine/plan.ts';
import { datasetSubject } from '../../src/engine/subject.ts';
import { WorkerPool } from '../../src/workers/pool.ts';
import type { PivotJob, QueryJob, QueryWorkerOptions, RowsJob } from '../../src/workers/query-job.ts';
import { runPivot } from '../../src/workers/run-pivot.ts';
import { runRows } from '../../src/workers/run-rows.ts';
import { workerUrl } from '../../src/workers/urls.ts';
import type { Settings } from '../support/oracle/source.ts';
import type { OracleTable } from '../support/oracle/values.ts';
import { parquetStatements } from './parquet-statements.ts';

/** The morning on which clocks went forward in Rome. */
export const NOW_MS = Date.UTC(2024, 2, 31, 10, 20, 30, 400);
export const SETTINGS: Settings = { zone: 'UTC', weekStart: 'monday', nowMs: NOW_MS };
export const CAPS: PlanOptions['caps'] = {
  rows: 50_000,
  bytes: 64 * 1024 * 1024,
  cells: 1_000_000,
  exportRows: 1_000_000,
};

export type Request =
  | { kind: 'pivot'; spec: PivotSpec; format?: PivotFormat }
  | { kind: 'spec'; spec: QuerySpec; format?: RowFormat }
  | { kind: 'distinct'; spec: DistinctSpec };

export interface Outcome {
  /** The parsed answer; text for CSV. */
  answer: unknown;
  summary: Omit<QuerySummary, 'elapsedMs'>;
}

type Run = (
  job: PivotJob | RowsJob,
  take: (bytes: Uint8Array) => void,
) => Promise<Omit<QuerySummary, 'elapsedMs'>>;

/** Runs requests over tables by the service's own plan, on a connection or in a real worker. */
export class Harness implements AsyncDisposable {
  #files = 0;

  private constructor(
    readonly folder: string,
    readonly writer: DuckDBConnection,
    readonly reader: DuckDBInstance,
    readonly pool: WorkerPool<QueryJob, QuerySummary>,
  ) {}

  static async open(threads = 1): Promise<Harness> {
    const folder = await mkdtemp(join(tmpdir(), 'property-'));
    const limits = { memoryLimitBytes: 512 * 1024 * 1024, tempMaxBytes: 64 * 1024 * 1024, threads };
    const options: QueryWorkerOptions = {
      ...limits,
      datasetsFolder: folder,
      tempFolder: join(folder, 'temp-worker'),
    };
    const writer = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await writer.run(`SET TimeZone = 'UTC'`);
    const reader = await openFenced({ ...limits, folders: [folder], tempFolder: join(folder, 'temp') });
    const pool = new WorkerPool<QueryJob, QuerySummary>({
      url: workerUrl('query'),
      size: 1,
      options,
    });
    return new Harness(folder, writer, reader, pool);
  }

  /** The table as one or two Parquet files. */
  async publish(table: OracleTable, files = 1): Promise<DatasetSource> {
    const paths: string[] = [];
    for (let i = 0; i < files; i++) {
      const path = join(this.folder, `t${this.#files++}.parquet`);
      const rows = table.rows.filter((_, row) => row % files === i);
      await this.writer.run(parquetStatements({ ...table, rows }, path));
      paths.push(path);
    }
    return {
      id: 'dst_test',
      name: 'test',
      generation: 1,
      columns: [...table.columns],
      files: paths,
      publishedAt: new Date(NOW_MS).toISOString(),
    };
  }

  async drop({ files }: DatasetSource): Promise<void> {
    for (const file of files) await rm(file);
  }

  async ask(
    request: Request,
    source: DatasetSource,
    { inWorker = false, caps = CAPS }: { inWorker?: boolean; caps?: PlanOptions['caps'] } = {},
  ): Promise<Outcome> {
    const job = jobOf(request, source, caps);
    const parts: Uint8Array[] = [];
    const take = (bytes: Uint8Array) => void parts.push(bytes);
    const summary = await (inWorker ? this.#inWorker : this.#onConnection)(job, take);
    const text = Buffer.concat(parts).toString();
    return { answer: job.format === 'csv' ? text : JSON.parse(`${text}}`), summary };
  }

  readonly #inWorker: Run = (job, take) =>
    this.pool.run(job, { signal: new AbortController().signal, onChunk: take });

  readonly #onConnection: Run = async (job, take) => {
    const connection = await this.reader.connect();
    const context = { signal: new AbortController().signal, send: async (bytes: Uint8Array) => take(bytes) };
    try {
      return job.kind === 'pivot'
        ? await runPivot(connection, job, context)
        : await runRows(connection, job, context);
    } finally {
      connection.closeSync();
    }
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close();
    this.writer.closeSync();
    this.reader.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A plan over a dataset has no job of a database. */
function jobOf(request: Request, source: DatasetSource, caps: PlanOptions['caps']): PivotJob | RowsJob {
  const options = {
    timezone: SETTINGS.zone,
    weekStart: SETTINGS.weekStart,
    nowMs: NOW_MS,
    timeoutMs: 60_000,
    caps,
    expressionLimits: { maxBytes: 10_000, maxDepth: 200, maxValueBytes: 256 << 10 },
  };
  const subject = datasetSubject(source);
  const plan =
    request.kind === 'pivot'
      ? planPivot(request.spec, subject, request.format ?? 'json', options)
      : request.kind === 'spec'
        ? planSpec(request.spec, subject, request.format ?? 'json', options)
        : planDistinct(request.spec, subject, 'json', options);
  return plan.job as PivotJob | RowsJob;
}
