import { stat } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import { bucketOptions } from '../../compose/bucket.ts';
import { ConfigError } from '../../config.ts';
import { Bucket, type BucketOptions } from '../../lake/bucket/bucket.ts';
import { openDatabase } from '../../store/database.ts';
import { isMetadataUrl } from '../../store/postgres/address.ts';
import { SharedFileStore } from '../../store/shared-files.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { type Check, type CheckedConfig, type Finding, finding } from './check.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed: 'set the clock of this host, by NTP',
  InvalidAccessKeyId: 'set DATASETS_S3_ACCESS_KEY_ID and its secret right',
  SignatureDoesNotMatch: 'set DATASETS_S3_SECRET_ACCESS_KEY and DATASETS_S3_REGION right',
  AccessDenied: 'allow the key to list, read, write and delete under the prefix',
  NoSuchBucket: 'make the bucket, or set DATASETS_S3_BUCKET right',
};

async function answers(options: BucketOptions): Promise<Finding> {
  try {
    // One that does not answer is soon told of.
    const bucket = new Bucket({ ...options, attempts: 1, timeoutS: 5 }, createMetrics());
    for await (const _ of bucket.list(new AbortController().signal)) break;
    return finding('bucket', 'ok', 'the bucket answers');
  } catch (error) {
    const reason = error instanceof AppError ? String(error.params?.reason) : '';
    const remedy = REMEDIES[reason] ?? 'set DATASETS_S3_ENDPOINT right, and let this host reach it';
    return finding('bucket', 'fail', error instanceof Error ? error.message : String(error), remedy);
  }
}

/** Metadata that is not there yet holds no generation. */
async function cacheFits(config: CheckedConfig): Promise<Finding[]> {
  const { METADATA_DB_PATH: path, DATASETS_CACHE_BYTES: maxBytes } = config;
  if (!isMetadataUrl(path) && !(await Bun.file(path).exists())) return [];
  const db = await openDatabase(path, { poolSize: 1 });
  try {
    const bytes = await new SharedFileStore(db).largestGeneration();
    if (bytes <= maxBytes) return [];
    const says = `the largest dataset has ${bytes} bytes, the cache ${maxBytes}: it cannot be queried on every host`;
    return [finding('bucket', 'fail', says, 'raise DATASETS_CACHE_BYTES')];
  } finally {
    await db.destroy();
  }
}

function fromEnvironment(env: Record<string, string | undefined>): Finding[] {
  const name = ['S3_SESSION_TOKEN', 'AWS_SESSION_TOKEN'].find((each) => env[each]);
  if (!name) return [];
  const says = `${name} is in the environment: it is sent with the access key, which it may not belong to`;
  return [finding('bucket', 'warn', says, `unset ${name} unless the key is of that session`)];
}

async function readableByAll(path: string | undefined): Promise<Finding[]> {
  if (path === undefined || ((await stat(path)).mode & 0o007) === 0) return [];
  return [finding('bucket', 'warn', `every user of this host may read ${path}`, `run: chmod o= ${path}`)];
}

export const bucketCheck = (env: Record<string, string | undefined>): Check => ({
  name: 'bucket',
  async run(config) {
    let options: BucketOptions | undefined;
    try {
      options = bucketOptions(config);
    } catch (error) {
      // Told of with the settings.
      if (error instanceof ConfigError) return [];
      throw error;
    }
    if (!options) return [];
    const found = await answers(options);
    // Without a first migration there is no table to ask.
    const fits = await cacheFits(config).catch((error) => [
      finding('bucket', 'warn', `the metadata does not tell the size of datasets: ${error.message}`),
    ]);
    const open = await readableByAll(config.DATASETS_S3_CREDENTIALS_FILE);
    return [found, ...open, ...fromEnvironment(env), ...fits];
  },
});
