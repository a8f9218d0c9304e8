import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, Cluster } from '../processes/cluster.ts';
import { freePort, makeCertificates, tempFolder } from '../support/server-process.ts';
import { until } from '../support/service-kit.ts';
import { Nginx, SITE } from './nginx.ts';

/** The address that Nginx speaks from here: only it is trusted, so that clients on this machine are strangers. */
const PROXY = '127.0.0.2';
const ROWS = 1_000_000;

const nginx = new Nginx();
let folder: Awaited<ReturnType<typeof tempFolder>>;
let ports: number[];
let replicas: Cluster[];
let url: string;
let secureUrl: string;
let authority: string;
let token: string;

function startReplica(port: number, args: string[] = []): Promise<Cluster> {
  const env = {
    PORT: String(port),
    WEB_CONCURRENCY: '1',
    SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    DUCKDB_PATH: join(folder.path, 'local.duckdb'),
    METADATA_DB_PATH: join(folder.path, 'meta.sqlite'),
    FORWARDED_ALLOW_IPS: PROXY,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    // A query that says nothing for longer must not be taken for a dead connection.
    CHANNEL_TIMEOUT: '1',
    KEEP_ALIVE: '75',
    LOG_LEVEL: 'debug',
  };
  return Cluster.start(env, args);
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

beforeAll(async () => {
  folder = await tempFolder('replicas-');
  const certificates = makeCertificates(folder.path);
  authority = await Bun.file(certificates.authority).text();
  ports = [await freePort(), await freePort()];
  replicas = [await startReplica(ports[0]!, ['--demo'])];
  replicas.push(await startReplica(ports[1]!));
  const [plain, secure] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${plain}`;
  secureUrl = `https://localhost:${secure}`;
  await nginx.start(
    SITE.replace(
      'listen 80;',
      `listen 127.0.0.1:${plain}; listen 127.0.0.1:${secure} ssl; proxy_bind ${PROXY};
       ssl_certificate ${certificates.certificate}; ssl_certificate_key ${certificates.key};`,
    )
      .replace(/^ *listen \[::\]:80;\n/m, '')
      .replace('server 127.0.0.1:8000 max_fails=0;', `server 127.0.0.1:${ports[0]} max_fails=0;`)
      .replace('# server 127.0.0.1:8001 max_fails=0;', `server 127.0.0.1:${ports[1]} max_fails=0;`),
  );
  const answer = await post('/api/auth/login', ADMIN);
  token = ((await answer.json()) as { token: string }).token;
});
afterAll(async () => {
  for (const replica of replicas ?? []) await replica[Symbol.asyncDispose]();
  await nginx[Symbol.asyncDispose]();
  await folder.remove();
});

/** What a replica logged of a request. */
async function logged(requestId: string): Promise<Record<string, unknown>> {
  const find = () =>
    replicas.flatMap((replica) => replica.of('http.request')).find((event) => event.requestId === requestId);
  await until(() => find() !== undefined);
  return find()!;
}

/** A WebSocket of the service through Nginx; what it hears, and the code of its end. */
function live(base: string, headers: Record<string, string>) {
  const options = { headers, tls: { ca: authority } };
  const socket = new WebSocket(`${base.replace('http', 'ws')}/api/live`, options as never);
  const heard: { type: string; dataset?: { generation: number } }[] = [];
  const closed = Promise.withResolvers<number>();
  const opened = new Promise((resolve) => {
    socket.onopen = resolve;
  });
  socket.onmessage = ({ data }) => heard.push(JSON.parse(String(data)));
  socket.onclose = ({ code }) => closed.resolve(code);
  return {
    opened,
    closed: closed.promise,
    say: (message: object) => socket.send(JSON.stringify(message)),
    hears: (type: string, generation?: number) =>
      until(() => heard.some((one) => one.type === type && one.dataset?.generation === generation)),
    [Symbol.dispose]: () => socket.close(),
  };
}

test('the real WebSocket passes, plain and by TLS, and hears of what another replica publishes', async () => {
  const upload = async (path: string, fields: Record<string, string> = {}) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append('file', new Blob(['a\n1\n']), 'rows.csv');
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body,
    });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { id: string };
  };
  const { id } = await upload('/api/datasets', { name: 'live' });
  const authorization = { authorization: `Bearer ${token}` };
  using plain = live(url, authorization);
  using other = live(url, authorization);
  using secure = live(secureUrl, authorization);
  const all = [plain, other, secure];
  for (const socket of all) {
    await socket.hears('ready');
    socket.say({ type: 'subscribe', topics: [`dataset:${id}`] });
    await socket.hears('dataset', 1);
    socket.say({ type: 'ping' });
    await socket.hears('pong');
  }
  await upload(`/api/datasets/${id}/generations`);
  for (const socket of all) await socket.hears('dataset', 2);
});

test('a page of the site behind Nginx may open the WebSocket with its cookie, a page of another one may not', async () => {
  const answer = await fetch(`${secureUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
    tls: { ca: authority },
  });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  using own = live(secureUrl, { cookie, origin: secureUrl });
  await own.hears('ready');
  using foreign = live(secureUrl, { cookie, origin: 'https://elsewhere.example' });
  await foreign.opened;
  foreign.say({ type: 'ping' });
  expect(await foreign.closed).toBe(4401);
});

test('both replicas are asked', async () => {
  const before = replicas.map((replica) => replica.of('http.request').length);
  for (let i = 0; i < 4; i++) await (await fetch(`${url}/api/healthz`)).text();
  await until(() => replicas.every((replica, i) => replica.of('http.request').length > before[i]!));
});

test('the client’s own address is known, and a client cannot claim another', async () => {
  const claimed = {
    'x-forwarded-for': '203.0.113.9',
    'x-real-ip': '203.0.113.9',
    forwarded: 'for=203.0.113.9',
  };
  await fetch(`${url}/api/healthz`, { headers: { ...claimed, 'x-request-id': 'through' } });
  expect(await logged('through')).toMatchObject({ address: '127.0.0.1' });
  await fetch(`http://127.0.0.1:${ports[0]}/api/healthz`, {
    headers: { ...claimed, 'x-request-id': 'past' },
  });
  expect(await logged('past')).toMatchObject({ address: '127.0.0.1' });
});

test('the scheme is known behind Nginx, and a client cannot claim it', async () => {
  const secure = await fetch(`${secureUrl}/api/healthz`, { tls: { ca: authority } });
  expect(secure.headers.get('strict-transport-security')).toMatch(/max-age/);
  const claimed = { 'x-forwarded-proto': 'https' };
  for (const at of [url, `http://127.0.0.1:${ports[0]}`]) {
    const plain = await fetch(`${at}/api/healthz`, { headers: claimed });
    expect(plain.headers.get('strict-transport-security')).toBeNull();
  }
});

test('a query that is silent for long gets its answer', async () => {
  await until(
    async () =>
      (await (await post('/api/query', { sql: 'SELECT count(*) AS n FROM orders' })).status) === 200,
  );
  const sql = 'SELECT count(*) AS n FROM orders a, orders b, orders c WHERE a.amount + b.amount > c.amount';
  const startedMs = performance.now();
  const answer = await post('/api/query', { sql, timeoutS: 5 });
  expect(await answer.json()).toMatchObject({ code: 'query.timeout' });
  expect(performance.now() - startedMs).toBeGreaterThan(4900);
});

test('a million rows stream through without being kept', async () => {
  const answer = await post('/api/query?format=csv', { sql: 'SELECT region, channel, amount FROM orders' });
  expect(answer.status).toBe(200);
  let lines = 0;
  let chunks = 0;
  for await (const bytes of answer.body!) {
    chunks++;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  }
  expect(lines).toBe(ROWS + 1);
  expect(chunks).toBeGreaterThan(10);
  expect(readdirSync(join(nginx.folder, 'proxy'))).toEqual([]);
});

test('replicas are restarted one after another under load without a failed request', async () => {
  let isRunning = true;
  const counts = { get: 0, post: 0 };
  const failures: string[] = [];
  const client = async (kind: keyof typeof counts) => {
    while (isRunning) {
      try {
        const answer =
          kind === 'get'
            ? await fetch(`${url}/api/healthz`)
            : await post('/api/query', { sql: 'SELECT count(*) AS n FROM orders' });
        const text = await answer.text();
        if (answer.status === 200) counts[kind]++;
        else failures.push(`${kind} ${answer.status} ${text.slice(0, 300)}`);
      } catch (error) {
        failures.push(`${kind} ${error}`);
      }
      await Bun.sleep(kind === 'get' ? 2 : 150);
    }
  };
  const clients = Promise.all([client('get'), client('get'), client('post')]);
  for (const [i, port] of ports.entries()) {
    const before = { ...counts };
    expect(await replicas[i]!.end()).toBe(0);
    await until(() => counts.get > before.get + 30 && counts.post > before.post + 1);
    replicas[i] = await startReplica(port);
  }
  const before = { ...counts };
  await until(() => counts.get > before.get + 30 && counts.post > before.post + 1);
  isRunning = false;
  await clients;
  expect(failures).toEqual([]);
});
