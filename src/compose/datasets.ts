import { join } from 'node:path';
import type { FaultPoints } from '../base/fault-point.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import type { IngestJob, IngestOptions, IngestRunner, ResultOf } from '../lake/jobs.ts';
import { Datasets, type DatasetsDeps } from '../services/datasets.ts';
import type { Identity } from '../services/identity.ts';
import type { DatasetStore } from '../store/datasets.ts';
import { WorkerPool } from '../workers/pool.ts';
import { workerUrl } from '../workers/urls.ts';
import { instanceLimits, type Parts } from './parts.ts';

export function createDatasets(
  { config, log, metrics, clock, folders, tempFolder }: Parts,
  store: DatasetStore,
  files: DatasetFiles,
  { audit }: Identity,
  ownerOf?: DatasetsDeps['ownerOf'],
  faults?: FaultPoints,
) {
  const options: IngestOptions = {
    datasets: folders.datasets,
    uploads: folders.uploads,
    tempFolder: join(tempFolder, 'ingest'),
    maxExpandedBytes: config.UPLOAD_MAX_EXPANDED_BYTES,
    maxGzipRatio: config.UPLOAD_MAX_GZIP_RATIO,
    maxValueBytes: config.UPLOAD_MAX_VALUE_BYTES,
    maxColumns: config.UPLOAD_MAX_COLUMNS,
    ...instanceLimits(config),
  };
  const pool = new WorkerPool<IngestJob, ResultOf[IngestJob['kind']]>({
    name: 'ingest',
    url: workerUrl('ingest'),
    size: 1,
    options,
    metrics,
    log,
  });
  const datasets = new Datasets({
    store,
    folders,
    files,
    ingest: pool as IngestRunner,
    clock,
    metrics,
    log,
    maxBytes: config.UPLOAD_MAX_BYTES,
    concurrency: config.UPLOAD_CONCURRENCY,
    minRowsPercent: config.UPLOAD_MIN_ROWS_PERCENT,
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    graceSeconds: config.DATASET_GRACE_SECONDS,
    ownerOf,
    faults,
    record: (event, caller) => audit.record(event, caller),
  });
  return { pool, datasets };
}
