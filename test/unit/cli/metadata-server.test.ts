import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadataCheck } from '../../../src/cli/doctor/metadata.ts';
import { type Commands, runCli } from '../../../src/cli/run.ts';
import { serveCommand } from '../../../src/cli/serve.ts';
import { completeConfig } from '../../../src/cli/settings.ts';
import { readConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS } from '../../../src/store/migrations/all.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { type MetadataServer, startMetadataServer } from '../../support/metadata-stores.ts';

const COMMANDS: Commands = {
  user: async () => (await import('../../../src/cli/user.ts')).userCommand,
  key: async () => (await import('../../../src/cli/key.ts')).keyCommand,
  'print-config': async () => (await import('../../../src/cli/print-config.ts')).printConfigCommand,
  serve: async () => serveCommand(async () => () => Promise.reject(new Error('must not start'))),
};

async function cli(line: string, METADATA_DB_PATH: string) {
  const written = { out: '', err: '' };
  const io = {
    env: { METADATA_DB_PATH, SECRET_KEY: 'q8'.repeat(20) },
    out(text: string) {
      written.out += text;
    },
    err(text: string) {
      written.err += text;
    },
    stdin: async () => '',
  };
  return { code: await runCli(line.split(' '), io, COMMANDS), ...written };
}

describe('a password in METADATA_DB_PATH is not shown', () => {
  test.each([
    ['postgres://u:hunter2@h/d', 'postgres://u:********@h/d'],
    ['postgresql+psycopg://u:hunter2@h:5432/d?schema=s', 'postgresql+psycopg://u:********@h:5432/d?schema=s'],
    ['postgres://u@h/d', 'postgres://u@h/d'],
    ['./.data/meta.sqlite', './.data/meta.sqlite'],
  ])('%s', async (value, shown) => {
    const { code, out } = await cli('print-config', value);
    expect(out).toContain(`\nMETADATA_DB_PATH=${shown}\n`);
    expect(out).not.toContain('hunter2');
    expect(code).toBe(0);
  });

  test.each([
    'postgres://u:hunter2/x@h@/d',
    'postgres://u:hunter2@h/d?password=hunter2',
    'mysql://u:hunter2@h/d',
  ])('nor where it is refused: %s', async (value) => {
    for (const command of ['print-config', 'serve', 'user list']) {
      const { code, out, err } = await cli(command, value);
      expect(`${out}${err}`).not.toContain('hunter2');
      expect(err).toContain('METADATA_DB_PATH');
      expect(code).toBe(2);
    }
  });
});

test('the generated secret is kept beside the local data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secret-'));
  const env = { METADATA_DB_PATH: 'postgres://u:p@h/d', DUCKDB_PATH: join(folder, 'local.duckdb') };
  const { SECRET_KEY } = await completeConfig(env);
  expect((await completeConfig(env)).SECRET_KEY).toBe(SECRET_KEY);
  expect(await readdir(folder)).toEqual(['secret.key']);
  await rm(folder, { recursive: true });
});

describe('over a server', () => {
  let meta: MetadataServer;
  beforeAll(async () => {
    meta = await startMetadataServer();
  }, 60_000);
  afterAll(() => meta[Symbol.asyncDispose](), 60_000);

  test('users and keys are made and listed', async () => {
    const url = meta.url('cli');
    const made = await cli('user create --email a@example.com --role admin', url);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(meta.look('select email, role from users', 'cli')).toEqual(['a@example.com|admin']);
    const key = await cli('key create --user a@example.com --name etl --scopes read', url);
    expect(key.out).toMatch(/rk_[0-9A-Za-z]{40}/);
    expect((await cli('key list', url)).out).toContain('etl');
  });

  const doctor = (url: string) =>
    metadataCheck
      .run({ ...readConfig({ METADATA_DB_PATH: url }), SECRET_KEY: undefined })
      .catch(({ message }) => [{ state: 'fail', says: message as string }]);
  const said = async (url: string) => (await doctor(url)).map(({ state, says }) => `${state}: ${says}`);

  test('doctor says how it stands, and makes nothing', async () => {
    const url = meta.url('doctor');
    const answers = expect.stringMatching(/^ok: PostgreSQL \d+(?:\.\d+)? answers$/);
    expect(await said(url)).toEqual([answers, 'ok: the first start makes its schema']);
    expect(meta.look("select 1 from pg_namespace where nspname = 'doctor'", 'doctor')).toEqual([]);
    const db = await openDatabase(url);
    await migrate(db, url, silentLog, MIGRATIONS.slice(0, 1));
    expect(await said(url)).toEqual([
      answers,
      `ok: ${MIGRATIONS.length - 1} migrations are applied at the next start`,
    ]);
    await migrate(db, url, silentLog);
    expect(await said(url)).toEqual([answers, `ok: all ${MIGRATIONS.length} migrations are applied`]);
    await migrate(db, url, silentLog, [...MIGRATIONS, { name: '9001-later', up: async () => undefined }]);
    expect(await said(url)).toEqual([answers, 'fail: written by a newer version (9001-later)']);
    await db.destroy();
    expect(await said(url.replace(/:\d+\/meta/, ':1/meta'))).toEqual([
      expect.stringContaining('nothing listens at that port'),
    ]);
  });
});
