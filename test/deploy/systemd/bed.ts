import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Shown, shownIn } from '../../docs/commands/extract.ts';
import type { Machine } from './machine.ts';
import { waitFor } from './wait.ts';

const ROOT = join(import.meta.dir, '../../..');
export const PROGRAM = '/opt/reporting-api/reporting-api';
export const SETTINGS = '/etc/reporting/reporting-api.env';
/** Where the machine has a checkout with a built program, as chapter 2 of DEPLOY.md takes for granted. */
export const CHECKOUT = '/srv/checkout';
export const ACCOUNT = { email: 'me@example.com', password: 'correct horse battery' };

/** Something that must hold. Checks go one after another and build on each other. */
export interface Check {
  title: string;
  run(bed: Bed): Promise<void>;
}

const guide: Shown[] = shownIn('deploy/DEPLOY.md', readFileSync(join(ROOT, 'deploy/DEPLOY.md'), 'utf8'));

/** A command of DEPLOY.md as it stands there. */
export function documented(pattern: RegExp): string {
  const found = guide.find(({ text }) => pattern.test(text));
  if (!found) throw new Error(`DEPLOY.md has no command like ${pattern}`);
  return found.text;
}

/** The machine, and the service in it as its clients see it. */
export class Bed {
  url = 'http://127.0.0.1:8000';
  token = '';

  constructor(readonly machine: Machine) {}

  /** Runs a command of DEPLOY.md in the checkout; it must succeed. */
  async follow(pattern: RegExp, input = ''): Promise<string> {
    return this.machine.must(`cd ${CHECKOUT} && ${documented(pattern)}`, input);
  }

  async signIn(): Promise<void> {
    this.token = '';
    const { token } = await this.post<{ token: string }>('/api/auth/login', ACCOUNT);
    this.token = token;
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const authorization = this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
    const answer = await fetch(this.url + path, { ...init, headers: { ...authorization, ...init.headers } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 500)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, {});
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.#ask<T>(path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) });
  }

  async upload(name: string, fileName: string, content: Blob): Promise<void> {
    const form = new FormData();
    form.append('name', name);
    form.append('file', content, fileName);
    await this.#ask('/api/datasets', { method: 'POST', body: form });
  }

  async remove(dataset: string): Promise<void> {
    await this.#ask(`/api/datasets/${dataset}`, { method: 'DELETE' });
  }

  /** Rows of a SELECT over datasets. */
  async rows(sql: string): Promise<unknown[][]> {
    const { rows } = await this.post<{ rows: unknown[][] }>('/api/query', { sql });
    return rows;
  }

  /** The main process of a unit, by the machine's own count. */
  async mainPid(unit: string): Promise<number> {
    return Number(await this.machine.property(unit, 'MainPID'));
  }

  /** Waits until systemd has replaced a main process by one that serves. */
  async untilReplaced(unit: string, before: number): Promise<void> {
    await waitFor(`another main process of ${unit}`, async () => {
      const said = await this.machine.must(`systemctl show --property=ActiveState,MainPID ${unit}`);
      const pid = Number(/^MainPID=(\d+)$/m.exec(said)?.[1]);
      return /^ActiveState=active$/m.test(said) && pid !== 0 && pid !== before;
    });
  }

  /** Writes a drop-in of a unit. */
  async override(unit: string, lines: string): Promise<void> {
    const folder = `/etc/systemd/system/${unit}.service.d`;
    await this.machine.must(
      `mkdir -p ${folder} && cat >${folder}/test.conf && systemctl daemon-reload`,
      lines,
    );
  }

  async noOverride(unit: string): Promise<void> {
    await this.machine.must(`rm -r /etc/systemd/system/${unit}.service.d && systemctl daemon-reload`);
  }

  /** Adds lines to the settings. */
  async set(lines: string): Promise<void> {
    await this.machine.must(`cat >>${SETTINGS}`, `\n${lines}\n`);
  }
}
