import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MetadataServer, startMetadataServer } from '../support/metadata-stores.ts';
import { PROGRAM_ENV, startServe } from '../support/program.ts';
import { ADMIN } from '../support/service-kit.ts';

/** Two processes as two hosts have them: they share a folder and the metadata on a server, and nothing else. */
let meta: MetadataServer;
let folder: string;
let one: Replica;
let two: Replica;

type Replica = Awaited<ReturnType<typeof startReplica>>;

async function startReplica(port = '0') {
  const { url, child, logged } = await startServe(
    {
      ...PROGRAM_ENV,
      PORT: port,
      DUCKDB_PATH: join(folder, 'local.duckdb'),
      METADATA_DB_PATH: meta.url('hosts'),
      SECRET_KEY: 'a-test-key-of-more-than-32-characters',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      THREADS: '1',
    },
    { cwd: folder },
  );
  return {
    ...{ url, child },
    port: new URL(url).port,
    logged: () => logged.join('\n'),
    async call(method: string, path: string, { token, body }: { token?: string; body?: unknown } = {}) {
      const response = await fetch(`${url}/api${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
    },
    async kill() {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

async function tokenOf(replica: Replica): Promise<string> {
  const { json } = await replica.call('POST', '/auth/login', { body: ADMIN });
  return json.token;
}

function fileOf(content: string, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new File([content], 'data.csv'));
  return form;
}

async function sumOf(replica: Replica, token: string): Promise<number> {
  const body = { from: { dataset: 'shared' }, measures: [{ agg: 'sum', field: 'v', as: 's' }] };
  const { json } = await replica.call('POST', '/query/spec', { token, body });
  return json.rows[0][0];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosts-'));
  meta = await startMetadataServer();
  [one, two] = await Promise.all([startReplica(), startReplica()]);
}, 60_000);
afterAll(async () => {
  for (const replica of [one, two]) await replica?.kill();
  await meta?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test('both started at once on nothing, and made one admin', () => {
  expect(one.port).not.toBe(two.port);
  expect(meta.look('select email from users', 'hosts')).toEqual([ADMIN.email]);
});

test('who signed in at one is signed in at the other, until signed out', async () => {
  const token = await tokenOf(one);
  expect((await two.call('GET', '/auth/me', { token })).json).toMatchObject({ user: { email: ADMIN.email } });
  expect((await two.call('POST', '/auth/logout', { token })).status).toBe(204);
  while ((await one.call('GET', '/auth/me', { token })).status !== 401) await Bun.sleep(50);
});

test('what is uploaded to one is served by the other, a new generation within a second', async () => {
  const token = await tokenOf(one);
  const made = await one.call('POST', '/datasets', { token, body: fileOf('v\n1\n2\n', { name: 'shared' }) });
  expect(made.status).toBe(201);
  expect(await sumOf(two, token)).toBe(3);
  const { id } = made.json;
  for (const value of [10, 20, 30]) {
    const put = await two.call('POST', `/datasets/${id}/generations`, {
      token,
      body: fileOf(`v\n${value}\n`),
    });
    expect(put.status).toBeLessThan(300);
    const publishedMs = performance.now();
    while ((await sumOf(one, token)) !== value) expect(performance.now() - publishedMs).toBeLessThan(1000);
    expect(await sumOf(two, token)).toBe(value);
  }
});

test('a kill in the middle of an upload leaves the other serving, and the next start whole', async () => {
  const token = await tokenOf(two);
  const { json: before } = await two.call('GET', '/datasets/shared', { token });
  const uploads = join(folder, 'uploads');
  const boundary = 'x'.repeat(20);
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="d.csv"\r\n\r\nv\n`;
  const lines = new TextEncoder().encode('7\n'.repeat(50_000));
  let isSending = true;
  const sending = fetch(`${one.url}/api/datasets/${before.id}/generations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body: new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(head)),
      async pull(controller) {
        if (!isSending) return controller.close();
        controller.enqueue(lines);
        await Bun.sleep(5);
      },
    }),
  }).then(
    ({ status }) => `answered ${status}`,
    () => 'cut off',
  );
  const staged = async () =>
    (await readdir(uploads).catch(() => [])).filter((name) => !name.startsWith('probe'));
  while ((await staged()).length === 0) await Bun.sleep(10);
  await one.kill();
  isSending = false;
  expect(await sending).toBe('cut off');
  expect(await sumOf(two, token)).toBe(30);
  const made = await two.call('POST', `/datasets/${before.id}/generations`, {
    token,
    body: fileOf('v\n40\n'),
  });
  expect(made.status).toBeLessThan(300);
  one = await startReplica(one.port);
  expect(await sumOf(one, token)).toBe(40);
  expect((await one.call('GET', '/datasets/shared', { token })).json.generation).toBe(made.json.generation);
  for (const replica of [one, two]) expect(replica.logged()).not.toContain('sesame');
}, 60_000);
