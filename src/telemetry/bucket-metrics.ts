import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Of the bucket of the datasets, and of the folder that caches it. */
export function bucketMetrics(registry: Registry) {
  const registers = [registry];
  return {
    bucketRequests: new Counter({
      name: 'bucket_requests_total',
      help: 'Work with the bucket of the datasets, by operation (put, get, delete, list, probe) and outcome (ok, error, or the code); each try counts',
      labelNames: ['operation', 'outcome'],
      registers,
    }),
    bucketSeconds: new Histogram({
      name: 'bucket_request_duration_seconds',
      help: 'Time of a try, by operation: of put a whole file with its verification, of get at most 8 MiB',
      labelNames: ['operation'],
      buckets: SECONDS,
      registers,
    }),
    bucketBytes: new Counter({
      name: 'bucket_bytes_total',
      help: 'Bytes of files of datasets to and from the bucket, by direction (up, down)',
      labelNames: ['direction'],
      registers,
    }),
    bucketCollected: new Counter({
      name: 'bucket_objects_collected_total',
      help: 'Objects out of use that were removed from the bucket',
      registers,
    }),
    datasetCacheBytes: new Gauge({
      name: 'dataset_cache_bytes',
      help: 'Bytes of the files of datasets in the local folder, where a bucket has them; as of the last look',
      registers,
      aggregator: 'max',
    }),
    datasetCacheHits: new Counter({
      name: 'dataset_cache_hits_total',
      help: 'Files of datasets that were wanted and here already',
      registers,
    }),
    datasetCacheFetches: new Counter({
      name: 'dataset_cache_fetches_total',
      help: 'Files of datasets that were fetched from the bucket',
      registers,
    }),
    datasetCacheEvictions: new Counter({
      name: 'dataset_cache_evictions_total',
      help: 'Files of datasets that left the local folder for lack of room',
      registers,
    }),
    datasetCacheDamaged: new Counter({
      name: 'dataset_cache_damaged_total',
      help: 'Files of datasets that were cut or changed in the local folder, and were fetched anew',
      registers,
    }),
  };
}
