import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { bucketCheck } from '../../src/cli/doctor/bucket.ts';
import { readConfig } from '../../src/config.ts';
import { runCommand } from '../support/program.ts';
import { fault, type S3Server, startS3 } from '../support/s3/s3-server.ts';
import { openService, until } from '../support/service-kit.ts';

let folder: string;
let s3: S3Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bucket-'));
  s3 = startS3();
});
afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
});

const SECRET_KEY = 'a-test-key-of-more-than-32-characters';
const metadata = () => ({ METADATA_DB_PATH: join(folder, 'meta.sqlite'), READY_MIN_DISK_BYTES: '0' });
/** A host by the name of its folder. */
const host = (name: string) => ({ ...metadata(), DUCKDB_PATH: join(folder, name, 'local.duckdb') });
const dataKeys = () => [...s3.objects.keys()].filter((key) => key.endsWith('.parquet'));
const rowsOf = (service: Awaited<ReturnType<typeof openService>>, dataset: string) =>
  service.call('GET', `/api/datasets/${dataset}/preview`).then(({ json }) => json.rows ?? json.code);

const cli = (line: string, env: Record<string, string>) =>
  runCommand(line.split(' '), { SECRET_KEY, ...env });

/** The settings for the bucket with the key in a file. */
async function keyInFile(text: string, mode = 0o600): Promise<Record<string, string>> {
  const { DATASETS_S3_ACCESS_KEY_ID: _, DATASETS_S3_SECRET_ACCESS_KEY: __, ...rest } = s3.env;
  const path = join(folder, 's3.key');
  await Bun.write(path, text);
  await chmod(path, mode);
  return { ...rest, DATASETS_S3_CREDENTIALS_FILE: path };
}
const KEY = 'aws_access_key_id = test-key\naws_secret_access_key=test-secret\n';

async function doctor(env: Record<string, string>, environment: Record<string, string> = {}) {
  return bucketCheck(environment).run(readConfig({ SECRET_KEY, ...host('one'), ...env }));
}

test('datasets of before the bucket are put there at the start of the host that has them, and served by others', async () => {
  {
    await using before = await openService(host('one'));
    await before.upload('sales', 'a.csv', 'v\n1\n2\n');
    await before.upload('sales', 'a.csv', 'v\n3\n', { replace: 'true' });
    await before.upload('kept', 'a.csv', 'v,w\n1,2\n3,4,no\n', { badRows: 'keepAside' });
  }
  await using two = await openService({ ...s3.env, ...host('two') });
  expect(await rowsOf(two, 'sales')).toBe('bucket.missing');
  {
    await using one = await openService({ ...s3.env, ...host('one') });
    await until(() => one.logged.some((line) => line.includes('datasets.adopted')));
    expect(dataKeys()).toHaveLength(3);
    expect(await rowsOf(two, 'sales')).toEqual([[3]]);
    const aside = '/api/datasets/kept/generations/1/rejected';
    expect((await two.call('GET', aside)).text).toBe((await one.call('GET', aside)).text);
    expect((await two.upload('sales', 'a.csv', 'v\n4\n', { replace: 'true' })).status).toBe(201);
    expect(await rowsOf(one, 'sales')).toEqual([[4]]);
    expect(await one.metric('dataset_cache_fetches_total')).toBe(1);
  }
  const puts = () =>
    s3.seen.filter(({ operation, key }) => operation === 'PUT' && key !== 'installation').length;
  const sent = puts();
  await using again = await openService({ ...s3.env, ...host('one') });
  expect(await rowsOf(again, 'sales')).toEqual([[4]]);
  expect(puts()).toBe(sent);
});

test('a take-over that the bucket did not take goes on at the next start', async () => {
  {
    await using before = await openService(host('one'));
    await before.upload('sales', 'a.csv', 'v\n1\n');
  }
  s3.fault = ({ operation }) => (operation === 'PUT' ? fault('AccessDenied') : undefined);
  {
    await using one = await openService({ ...s3.env, ...host('one') });
    await until(() => one.logged.some((line) => line.includes('housekeeping.failed')));
    expect(await rowsOf(one, 'sales')).toEqual([[1]]);
  }
  s3.fault = () => undefined;
  await using one = await openService({ ...s3.env, ...host('one') });
  await until(() => one.logged.some((line) => line.includes('datasets.adopted')));
  await rm(join(folder, 'one', 'datasets'), { recursive: true });
  expect(await rowsOf(one, 'sales')).toEqual([[1]]);
});

test('the bucket as part of the name of the host, and the key in a file', async () => {
  const { port } = new URL(s3.url);
  const env = {
    ...(await keyInFile(`[other]\naws_access_key_id = no\n[default]\n${KEY}`)),
    ...{ DATASETS_S3_VIRTUAL_HOST: '1', DATASETS_S3_ENDPOINT: `http://localhost:${port}` },
  };
  expect(await doctor(env)).toEqual([{ check: 'bucket', state: 'ok', says: 'the bucket answers' }]);
  await using one = await openService({ ...env, ...host('one'), DATASETS_S3_PREFIX: 'reporting/' });
  await using two = await openService({ ...env, ...host('two'), DATASETS_S3_PREFIX: 'reporting/' });
  expect((await one.upload('sales', 'a.csv', 'v\n5\n')).status).toBe(201);
  expect(dataKeys()[0]).toStartWith('reporting/dst_');
  expect(await rowsOf(two, 'sales')).toEqual([[5]]);
  expect((await one.call('GET', '/api/readyz')).json.checks.bucket).toEqual({ ok: true });
  const { text } = await one.call('GET', '/api/metrics');
  const outcomes = [
    ...text.matchAll(/^bucket_requests_total\{operation="(\w+)",outcome="([\w.]+)"\} (\d+)$/gm),
  ];
  const failed = outcomes.filter(([, , outcome, count]) => outcome !== 'ok' && count !== '0');
  expect([failed, outcomes.length]).toEqual([[], 25]);
});

test.each([
  ['nothing', undefined, 'is not there'],
  ['no secret', 'aws_access_key_id = test-key\n', 'does not set aws_secret_access_key'],
  ['the key of another profile', `[other]\n${KEY}`, 'does not set aws_access_key_id'],
  ['no line of the format', 'test-key:test-secret', 'does not set aws_access_key_id'],
  ['a session', `${KEY}aws_session_token = abc\n`, 'has an aws_session_token'],
])('a file of the key with %s ends the start in one line', async (_, text, says) => {
  const env = await keyInFile(text ?? '');
  if (text === undefined) await rm(env.DATASETS_S3_CREDENTIALS_FILE!);
  const line = `DATASETS_S3_CREDENTIALS_FILE: ${env.DATASETS_S3_CREDENTIALS_FILE} ${says}`;
  const { code, err } = await cli('serve', { ...env, ...host('one') });
  expect(err).toStartWith(`The settings are not valid:\n  ${line}`);
  expect([code, err.split('\n').length]).toEqual([2, 3]);
  expect(err).not.toContain('test-secret');
  // Of its checks, that of the settings tells of it.
  expect(await doctor(env)).toEqual([]);
});

test('doctor tells of a key that every user may read, and of a session in the environment', async () => {
  const found = await doctor(await keyInFile(KEY, 0o644), { AWS_SESSION_TOKEN: 'abc' });
  expect(found.map(({ state, says }) => `${state} ${says}`)).toEqual([
    'ok the bucket answers',
    expect.stringMatching(/^warn every user of this host may read .*s3\.key$/),
    expect.stringContaining('warn AWS_SESSION_TOKEN is in the environment'),
  ]);
});

test('doctor tells of a wrong secret, region, bucket, a skewed clock and a bucket that is away', async () => {
  const told = async (env: Record<string, string>) => {
    const [{ state, says, todo }] = (await doctor(env)) as [Awaited<ReturnType<typeof doctor>>[0]];
    expect(state).toBe('fail');
    return `${says}; ${todo}`;
  };
  expect(await told({ ...s3.env, DATASETS_S3_SECRET_ACCESS_KEY: 'wrong' })).toContain(
    'set DATASETS_S3_SECRET_ACCESS_KEY',
  );
  expect(await told({ ...s3.env, DATASETS_S3_REGION: 'mars-1' })).toContain('DATASETS_S3_REGION');
  expect(await told({ ...s3.env, DATASETS_S3_BUCKET: 'another' })).toContain('There is no such bucket');
  expect(await told({ ...s3.env, DATASETS_S3_ACCESS_KEY_ID: 'nobody' })).toContain(
    'does not know the access key',
  );
  await using skewed = startS3({ nowMs: () => Date.now() + 3_600_000 });
  expect(await told(skewed.env)).toContain('set the clock of this host');
  await s3.close();
  expect(await told(s3.env)).toContain('let this host reach it');
});

test('doctor tells of a cache that the largest dataset does not fit in', async () => {
  {
    await using one = await openService({ ...s3.env, ...host('one') });
    await one.uploadQuery('sales', 'SELECT range AS v, hash(range)::VARCHAR AS h FROM range(2000)');
  }
  expect(await doctor(s3.env)).toHaveLength(1);
  const [, found] = await doctor({ ...s3.env, DATASETS_CACHE_BYTES: '1024' });
  expect(found).toMatchObject({ state: 'fail', todo: 'raise DATASETS_CACHE_BYTES' });
  expect(found!.says).toMatch(/^the largest dataset has \d+ bytes, the cache 1024:/);
});

test('a backup with the datasets is refused, one of the metadata is made', async () => {
  const backups = join(folder, 'backups');
  const env = { ...s3.env, ...host('one'), BACKUP_DIR: backups, BACKUP_CRON: 'off' };
  await using one = await openService(env);
  const asked = await one.call('POST', '/api/admin/backup', { withDatasets: true });
  expect(asked.json).toMatchObject({ code: 'backup.unsupported' });
  const refused = await cli('backup --with-datasets', env);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('The datasets are in a bucket');
  expect(await readdir(backups).catch(() => [])).toEqual([]);
  expect((await cli('backup', env)).code).toBe(0);
  expect(await readdir(backups)).toHaveLength(1);
});

test('an export on a host that lacks the files fetches them', async () => {
  await using one = await openService({ ...s3.env, ...host('one') });
  await one.upload('sales', 'a.csv', 'v\n1\n2\n');
  const out = join(folder, 'sales.parquet');
  const made = await cli(`export --dataset sales --format parquet --out ${out}`, {
    ...s3.env,
    ...host('two'),
  });
  expect(made).toMatchObject({ code: 0, err: '' });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = await connection.runAndReadAll(`SELECT sum(v)::INTEGER FROM '${out}'`);
  connection.closeSync();
  expect(read.getRowsJson()).toEqual([[3]]);
  s3.fault = () => fault('AccessDenied');
  const failed = await cli(`export --dataset sales --format parquet --out ${out} --force`, {
    ...{ ...s3.env, ...host('three') },
  });
  expect(failed).toMatchObject({ code: 1, out: '' });
  expect(failed.err).toContain('does not allow the request');
  expect(await Bun.file(out).exists()).toBe(true);
});
