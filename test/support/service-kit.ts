import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { checkAnswer } from './openapi.ts';
import { type More, startWhole } from './whole-service.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any;
}

export interface TestService extends AsyncDisposable {
  url: string;
  /** Of the process that serves. */
  pid: number;
  folder: string;
  /** What was logged, a line an event. */
  logged: string[];
  /** A request of the admin; `init.headers` are added to the admin's. */
  call(
    method: string,
    path: string,
    body?: unknown,
    init?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Answer>;
  upload(
    name: string,
    fileName: string,
    content: string | Blob,
    options?: Record<string, string>,
  ): Promise<Answer>;
  /** Uploads what a DuckDB query gives, as Parquet. */
  uploadQuery(name: string, query: string): Promise<Answer>;
  /** Uses another user's sign-in. */
  as(email: string, password: string): Promise<TestService['call']>;
  /** The value of a metric by its name and labels, as Prometheus text shows them; 0 where it is not there. */
  metric(line: string): Promise<number>;
}

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

/** The whole service on a port of its own, with data in a folder of its own. */
export async function openService(env: Record<string, string> = {}, more: More = {}): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-test-'));
  const service = await startWhole(
    {
      PORT: '0',
      DUCKDB_PATH: join(folder, 'local.duckdb'),
      METADATA_DB_PATH: join(folder, 'meta.sqlite'),
      SECRET_KEY: 'a-test-key-of-more-than-32-characters',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      THREADS: '1',
      RUN_SCHEDULER: '0',
      ...env,
    },
    folder,
    more,
  );

  const check = (token: string, method: string, path: string, { status, headers }: Response, text: string) =>
    checkAnswer(
      { url: service.url, token },
      { method, path },
      { status, type: headers.get('content-type') ?? '', text },
    );

  let adminToken = '';
  const caller =
    (token: string): TestService['call'] =>
    async (method, path, body, init = {}) => {
      const headers: Record<string, string> = {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      };
      const response = await fetch(service.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...(init.signal ? { signal: init.signal } : {}),
      });
      const text = await response.text();
      await check(adminToken, method, path, response, text);
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    };
  const signIn = async (email: string, password: string) => {
    const response = await fetch(`${service.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const { token } = (await response.json()) as { token: string };
    return token;
  };
  const token = await signIn(ADMIN.email, ADMIN.password);
  adminToken = token;
  const call = caller(token);

  async function upload(
    name: string,
    fileName: string,
    content: string | Blob,
    options: Record<string, string> = {},
  ): Promise<Answer> {
    const form = new FormData();
    form.append('name', name);
    for (const [field, value] of Object.entries(options)) form.append(field, value);
    form.append('file', typeof content === 'string' ? new Blob([content]) : content, fileName);
    const response = await fetch(`${service.url}/api/datasets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    const text = await response.text();
    await check(token, 'POST', '/api/datasets', response, text);
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
  }

  return {
    url: service.url,
    pid: service.pid,
    folder,
    logged: service.logged,
    call,
    upload,
    async uploadQuery(name, query) {
      const file = join(folder, `${crypto.randomUUID()}.parquet`);
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
      connection.closeSync();
      const answer = await upload(name, 'data.parquet', Bun.file(file));
      await rm(file);
      return answer;
    },
    as: async (email, password) => caller(await signIn(email, password)),
    async metric(line) {
      const { text } = await call('GET', '/api/metrics');
      const found = text.split('\n').find((each) => each.startsWith(`${line} `));
      return found ? Number(found.slice(line.length + 1)) : 0;
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the condition holds; a test's own time limit ends a wait that never would. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await Bun.sleep(5);
}
