import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type S3Server, startS3 } from '../support/s3/s3-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';
import { ADMIN, Cluster, isAlive } from './cluster.ts';

/** A service that fills the bucket, and two processes of another host with one folder. */
let s3: S3Server;
let filler: TestService;
let host: Cluster;

const SECRET_KEY = 'a-test-key-of-more-than-32-characters';
const NAMES = Array.from({ length: 12 }, (_, i) => `d${i}`);

beforeAll(async () => {
  s3 = startS3();
  const env = { ...s3.env, READY_MIN_DISK_BYTES: '0' };
  filler = await openService(env);
  host = await Cluster.start({
    ...{ ...env, SECRET_KEY, METADATA_DB_PATH: join(filler.folder, 'meta.sqlite') },
    ...{ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, APP_ENV: 'dev' },
  });
  const login = await fetch(`${host.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  host.key = ((await login.json()) as { token: string }).token;
}, 60_000);
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await filler?.[Symbol.asyncDispose]();
  await s3?.close();
}, 60_000);

const folder = () => join(host.folder, 'datasets');
const filesHere = async () =>
  (await readdir(folder(), { recursive: true })).filter((name) => name.endsWith('.parquet'));

/** What one of the processes answers; undefined where it died meanwhile. */
async function rowsOf(name: string): Promise<number[][] | string | undefined> {
  try {
    const answer = await host.get(`/api/datasets/${name}/preview`);
    const json = (await answer.json()) as { rows?: number[][]; code?: string };
    return json.rows ?? json.code;
  } catch {
    return undefined;
  }
}

test('both processes fetch the same files at once: each is whole, and nobody sees an error', async () => {
  for (const [i, name] of NAMES.entries()) await filler.upload(name, 'a.csv', `v\n${i}\n`);
  const asked = NAMES.flatMap((name, i) => Array.from({ length: 4 }, () => ({ name, i })));
  const answers = await Promise.all(asked.map(({ name }) => rowsOf(name)));
  expect(answers).toEqual(asked.map(({ i }) => [[i]]));

  const files = await filesHere();
  expect(files.filter((name) => name.includes('tmp-'))).toEqual([]);
  expect(files).toHaveLength(NAMES.length);
  for (const name of files)
    expect(new Uint8Array(await Bun.file(join(folder(), name)).arrayBuffer())).toEqual(
      s3.objects.get(name)!.bytes,
    );
  expect(await host.metric('dataset_cache_damaged_total')).toBe(0);
  expect(host.events.filter(({ level }) => level === 'error' || level === 'critical')).toEqual([]);
}, 60_000);

test('a process that is killed while it fetches leaves the file to the other', async () => {
  await filler.upload('late', 'a.csv', 'v\n77\n');
  const gate = Promise.withResolvers<undefined>();
  s3.fault = ({ operation }) => (operation === 'GET' ? gate.promise : undefined);
  const asked = Array.from({ length: 8 }, () => rowsOf('late'));
  const making = async () =>
    (await filesHere()).map((name) => /tmp-[0-9a-f]+-(\d+)-/.exec(name)?.[1]).find(Boolean);
  await until(async () => (await making()) !== undefined);
  const pid = Number(await making());
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
  gate.resolve(undefined);
  for (const rows of await Promise.all(asked))
    expect([undefined, '[[77]]']).toContain(rows && JSON.stringify(rows));
  await until(async () => (await rowsOf('late')) !== undefined);
  expect(await rowsOf('late')).toEqual([[77]]);
  expect(await host.metric('dataset_cache_damaged_total')).toBe(0);
}, 60_000);
