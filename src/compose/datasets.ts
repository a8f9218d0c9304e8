import type { FaultPoints } from '../base/fault-point.ts';
import type { DatasetFiles } from '../lake/bucket/files.ts';
import type { IngestJob, IngestRunner } from '../lake/jobs.ts';
import { Datasets, type DatasetsDeps } from '../services/datasets.ts';
import type { Identity } from '../services/identity.ts';
import type { DatasetStore } from '../store/datasets.ts';
import type { Engines } from './engines.ts';
import type { Parts } from './parts.ts';

/** Jobs that write nothing, or the same files once more: they may run again. The others add to files, and their runs begin again as a whole. */
const REPEATABLE: ReadonlySet<IngestJob['kind']> = new Set(['load', 'demo', 'preview', 'profile', 'bounds']);

const runnerOf = ({ ingest }: Engines): IngestRunner =>
  ({
    run: (job: IngestJob, { signal }: { signal: AbortSignal }) =>
      ingest.run(job, { signal, isOnce: !REPEATABLE.has(job.kind) }),
  }) as IngestRunner;

export function createDatasets(
  { config, log, metrics, clock, folders }: Parts,
  engines: Engines,
  store: DatasetStore,
  files: DatasetFiles,
  { audit }: Identity,
  ownerOf?: DatasetsDeps['ownerOf'],
  faults?: FaultPoints,
) {
  const runner = runnerOf(engines);
  const datasets = new Datasets({
    store,
    folders,
    files,
    ingest: runner,
    clock,
    metrics,
    log,
    maxBytes: config.UPLOAD_MAX_BYTES,
    maxOriginalBytes: config.DATASET_ORIGINAL_MAX_BYTES,
    concurrency: config.UPLOAD_CONCURRENCY,
    minRowsPercent: config.UPLOAD_MIN_ROWS_PERCENT,
    keepGenerations: config.DATASET_KEEP_GENERATIONS,
    graceSeconds: config.DATASET_GRACE_SECONDS,
    ownerOf,
    faults,
    record: (event, caller) => audit.record(event, caller),
  });
  return { runner, datasets };
}
