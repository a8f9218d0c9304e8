import { readFileSync } from 'node:fs';
import { type Config, ConfigError } from '../config.ts';
import { Bucket, type BucketOptions } from '../lake/bucket/bucket.ts';
import { type AwsKey, parseCredentials } from '../lake/bucket/credentials.ts';
import { FileCache } from '../lake/bucket/file-cache.ts';
import { SharedFiles } from '../services/shared-files.ts';
import type { Db } from '../store/database.ts';
import type { DatasetStore } from '../store/datasets.ts';
import { SharedFileStore } from '../store/shared-files.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

/** What is used within it is not removed: processes say each quarter of it what they use. */
const IDLE_MS = 60_000;

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder',
  EACCES: 'cannot be read by the user of the service',
};

function readKey(file: string): AwsKey {
  try {
    return parseCredentials(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const says = code === undefined ? message : (UNREADABLE[code] ?? `cannot be read (${code})`);
    throw new ConfigError([`DATASETS_S3_CREDENTIALS_FILE: ${file} ${says}`]);
  }
}

function keyOf(config: Config): AwsKey {
  const { DATASETS_S3_CREDENTIALS_FILE: file } = config;
  if (file !== undefined) return readKey(file);
  return {
    accessKeyId: config.DATASETS_S3_ACCESS_KEY_ID!,
    secretAccessKey: config.DATASETS_S3_SECRET_ACCESS_KEY!,
  };
}

/** Undefined where there is no bucket. Throws ConfigError where the file of credentials cannot be used. */
export function bucketOptions(config: Config): BucketOptions | undefined {
  if (config.DATASETS_S3_BUCKET === undefined) return undefined;
  return {
    ...keyOf(config),
    bucket: config.DATASETS_S3_BUCKET,
    endpoint: config.DATASETS_S3_ENDPOINT,
    region: config.DATASETS_S3_REGION,
    prefix: config.DATASETS_S3_PREFIX,
    virtualHost: config.DATASETS_S3_VIRTUAL_HOST,
    timeoutS: config.DATASETS_S3_TIMEOUT_SECONDS,
    partBytes: config.DATASETS_S3_PART_BYTES,
    attempts: config.DATASETS_S3_ATTEMPTS,
  };
}

/** Undefined where the folder beside DUCKDB_PATH is all there is. */
export function createSharedFiles(
  { config, folders, clock, metrics, log }: Parts,
  db: Db,
  store: Store,
  datasets: DatasetStore,
): SharedFiles | undefined {
  const options = bucketOptions(config);
  if (!options) return undefined;
  const bucket = new Bucket(options, metrics);
  const files = new SharedFileStore(db);
  const cache = new FileCache({
    ...{ folders, bucket, metrics, log },
    maxBytes: config.DATASETS_CACHE_BYTES,
    minFreeBytes: config.READY_MIN_DISK_BYTES,
    idleMs: Math.min(IDLE_MS, config.DATASET_GRACE_SECONDS * 1000),
    inBucket: () => files.held(),
  });
  return new SharedFiles({
    ...{ bucket, cache, datasets, folders, clock, metrics, log },
    store: files,
    facts: store.facts,
    graceS: config.DATASET_GRACE_SECONDS,
    orphanS: config.DATASETS_S3_ORPHAN_SECONDS,
  });
}
