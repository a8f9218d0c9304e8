import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../../src/domain/dataset.ts';
import type { PivotSpec } from '../../src/domain/pivot-spec.ts';
import type { ColumnProfile } from '../../src/lake/jobs.ts';
import type { PivotAnswer } from '../support/oracle/pivot.ts';
import { startWhole, type Whole } from '../support/whole-service.ts';

export const DATA = join(import.meta.dir, '../../node_modules/vega-datasets/data');

const ACCOUNT = { email: 'me@example.com', password: 'a long enough password' };

export interface Answer<T> {
  status: number;
  body: T;
}

/** The whole service on a port of its own, as somebody uses it who signed in. */
export class SignedIn implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly service: Whole,
    readonly token: string,
  ) {}

  static async open(): Promise<SignedIn> {
    const folder = await mkdtemp(join(tmpdir(), 'real-data-'));
    const env = {
      HOST: '127.0.0.1',
      PORT: '0',
      THREADS: '1',
      SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
      DUCKDB_PATH: join(folder, 'local.duckdb'),
      METADATA_DB_PATH: join(folder, 'meta.sqlite'),
      ADMIN_EMAIL: ACCOUNT.email,
      ADMIN_PASSWORD: ACCOUNT.password,
      TIMEZONE: 'UTC',
      QUERY_RATE_PER_SEC: '10000',
      QUERY_BURST: '10000',
    };
    const service = await startWhole(env, folder);
    const response = await fetch(`${service.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ACCOUNT),
    });
    const { token } = (await response.json()) as { token: string };
    return new SignedIn(folder, service, token);
  }

  async #ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
    const headers = { ...init.headers, authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.service.url}/api${path}`, { ...init, headers });
    return { status: response.status, body: (await response.json()) as T };
  }

  upload(file: string): Promise<Answer<Dataset>> {
    const form = new FormData();
    form.append('name', file);
    form.append('file', Bun.file(join(DATA, file)), file);
    return this.#ask('/datasets', { method: 'POST', body: form });
  }

  profile(file: string): Promise<Answer<{ rowCount: number; columns: ColumnProfile[] }>> {
    return this.#ask(`/datasets/${encodeURIComponent(file)}/profile`);
  }

  pivot(spec: PivotSpec): Promise<Answer<PivotAnswer & { meta: { truncated: boolean } }>> {
    return this.#ask('/query/pivot', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    });
  }

  /** The answer as it travels, with its headers. */
  async pivotAs(spec: PivotSpec, query: string): Promise<{ text: string; headers: Headers }> {
    const response = await fetch(`${this.service.url}/api/query/pivot?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify(spec),
    });
    return { text: await response.text(), headers: response.headers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
