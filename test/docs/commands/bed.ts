import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { startMariadb } from '../../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../../support/postgres-server.ts';
import { PROGRAM, PROGRAM_ENV } from '../../support/program.ts';
import { untilReady } from '../../support/server-process.ts';

const ROOT = join(import.meta.dir, '../../..');
/** What the documents name by absolute paths; it lies below the bed's folder here. */
const PLACES =
  /(?<![\w.}])\/(?=(?:opt\/reporting-api|etc\/(?:reporting|systemd|nginx)|var\/(?:lib|cache)\/reporting|srv\/reporting)\b)/g;
const SUDO = `#!/bin/sh
if [ "$1" = -u ]; then shift 2; fi
exec "$@"
`;
/** What the README takes for granted. */
const SHOP = `create role "user" login password 'password'; grant pg_read_all_data to "user";
create table orders (region text, amount numeric); insert into orders values ('Europe', 120), ('Asia', 80);
create schema sales; create table sales.orders (id int primary key, updated_at timestamptz not null, deleted boolean not null, amount numeric);
insert into sales.orders values (1, now(), false, 120)`;
/** Files of users that programs want to be there before they add one. */
const USERS = {
  passwd: 'root:x:0:0::/root:/bin/sh\n',
  group: 'root:x:0:\n',
  shadow: 'root:*:1::::::\n',
  gshadow: 'root:*::\n',
};
export const ACCOUNT = { email: 'admin@example.com', password: 'correct horse battery' };

export interface Ran {
  code: number;
  text: string;
}

/** A folder that stands for `/`, with a checkout in it whose program is that of these sources, database servers, and the service once it is started. */
export class Bed implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), 'documented-'));
  readonly checkout = join(this.root, 'checkout');
  postgres!: TestServer;
  mariadb!: TestServer;
  url = '';
  token = '';
  /** Of the user that the README makes. */
  password = '';
  #service: Bun.Subprocess | undefined;

  static async open(): Promise<Bed> {
    const bed = new Bed();
    for (const folder of [
      'bin',
      'checkout/dist',
      'etc',
      'etc/systemd/system',
      'etc/nginx/sites-available',
      'etc/nginx/sites-enabled',
      'var/lib/reporting',
      'smoke',
    ])
      mkdirSync(join(bed.root, folder), { recursive: true });
    cpSync(join(ROOT, 'deploy'), join(bed.checkout, 'deploy'), { recursive: true });
    for (const [name, text] of Object.entries(USERS)) writeFileSync(join(bed.root, 'etc', name), text);
    bed.#program('bin/sudo', SUDO);
    const command = PROGRAM.map((word) => `'${word}'`).join(' ');
    const program = `#!/bin/sh\nexec ${command} "$@"\n`;
    bed.#program('checkout/dist/reporting-api', program);
    bed.#program('bin/reporting-api', program);
    writeFileSync(join(bed.checkout, 'sales.csv'), 'day,amount\n2026-01-02,3.50\n');
    [bed.postgres, bed.mariadb] = await Promise.all([startPostgres(), startMariadb()]);
    for (const [file, table] of [
      ['FILE', 'visits'],
      ['local.duckdb', 'sales'],
    ] as const) {
      const instance = await DuckDBInstance.create(join(bed.checkout, file));
      const connection = await instance.connect();
      await connection.run(`CREATE TABLE ${table} AS SELECT 1 AS id`);
      connection.closeSync();
      instance.closeSync();
    }
    bed.postgres.admin(SHOP);
    return bed;
  }

  #program(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
    chmodSync(join(this.root, path), 0o755);
  }

  place(path: string): string {
    return join(this.root, path);
  }

  /** The text with the documents' places as the bed's. */
  placed(text: string): string {
    return text.replace(PLACES, `${this.root}/`);
  }

  #env(env: Record<string, string>): Record<string, string> {
    const { PATH = '', HOME = '' } = process.env;
    return {
      ...PROGRAM_ENV,
      ...{ PATH: `${this.place('bin')}:${PATH}:/usr/sbin:/sbin`, HOME, TOKEN: this.token },
      ...env,
    };
  }

  /** Runs a shell text in the checkout. */
  async run(text: string, env: Record<string, string> = {}): Promise<Ran> {
    const child = Bun.spawn(['bash', '-euo', 'pipefail', '-c', text], {
      ...{ cwd: this.checkout, env: this.#env(env) },
      ...{ stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, text: out + err };
  }

  /** Starts a service by its command and signs in. */
  async serve(command: string, port: number): Promise<void> {
    const log = this.place('service.log');
    const child = Bun.spawn(['bash', '-c', `exec env ${command}`], {
      cwd: this.place('smoke'),
      env: this.#env({ ADMIN_EMAIL: ACCOUNT.email, ADMIN_PASSWORD: ACCOUNT.password, APP_ENV: 'dev' }),
      ...{ stdin: 'ignore', stdout: Bun.file(log), stderr: Bun.file(log) },
    });
    this.#service = child;
    const said = async () => readFileSync(log, 'utf8');
    await untilReady(child, async () => (await said()).includes('The demo data is there.'), said);
    this.url = `http://127.0.0.1:${port}`;
    const answer = await fetch(`${this.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ACCOUNT),
    });
    this.token = ((await answer.json()) as { token: string }).token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service?.kill('SIGTERM');
    await this.#service?.exited;
    await this.postgres[Symbol.asyncDispose]();
    await this.mariadb[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true });
  }
}
