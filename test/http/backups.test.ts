import { Database as Sqlite } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { appendFile, copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/all.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { runCommand } from '../support/program.ts';
import { tempFolder } from '../support/server-process.ts';
import { until } from '../support/service-kit.ts';
import { lookInto } from '../support/sqlite-file.ts';
import { startWhole } from '../support/whole-service.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

let folder: string;
let removeFolder: () => Promise<void>;
let env: Record<string, string>;
let metadata: string;

beforeEach(async () => {
  ({ path: folder, remove: removeFolder } = await tempFolder('backups-'));
  metadata = join(folder, 'meta.sqlite');
  env = {
    PORT: '0',
    THREADS: '1',
    DUCKDB_PATH: join(folder, 'local.duckdb'),
    METADATA_DB_PATH: metadata,
    SECRET_KEY: 'a-test-key-of-more-than-32-characters',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
});
afterEach(() => removeFolder());

async function cli(...args: string[]) {
  const ran = await runCommand(args, env);
  return { ...ran, json: ran.out.startsWith('{') ? JSON.parse(ran.out) : undefined };
}

async function withService<T>(work: (call: Call) => Promise<T>): Promise<T> {
  const service = await startWhole(env, folder);
  try {
    const login = await fetch(`${service.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADMIN),
    });
    const { token } = (await login.json()) as { token: string };
    return await work(callOf(service.url, token));
  } finally {
    await service.stop();
  }
}

const callOf = (url: string, token: string) => async (method: string, path: string, body?: unknown) => {
  const isForm = body instanceof FormData;
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(isForm ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  return { status: answer.status, json: (await answer.json()) as any };
};
type Call = ReturnType<typeof callOf>;

async function load(call: Call, name: string, csv: string): Promise<void> {
  const form = new FormData();
  form.append('name', name);
  form.append('replace', 'true');
  form.append('file', new Blob([csv]), 'data.csv');
  const { status, json } = await call('POST', '/datasets', form);
  expect(json).toMatchObject({ name });
  expect(status).toBe(201);
}

const rowsOf = async (call: Call, name: string) =>
  (await call('GET', `/datasets/${name}/preview`)).json.rows as unknown[][];
const names = () => lookInto(metadata)('select name from datasets order by name');
async function viewNames(): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(env.DUCKDB_PATH!, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const found = await connection.runAndReadAll('select view_name from duckdb_views() where not internal');
  connection.closeSync();
  instance.closeSync();
  return found.getRows().flat();
}
const temporary = async () =>
  (await readdir(folder, { recursive: true })).filter((name) => name.includes('tmp-'));
const backupsIn = async () => (await readdir(join(folder, 'backups'))).sort();

describe('a backup', () => {
  test('is made while the service runs, by it and by the command; the newest are kept', async () => {
    env.BACKUP_KEEP = '2';
    await withService(async (call) => {
      await load(call, 'a', 'x\n1\n');
      const made = await call('POST', '/admin/backup');
      expect(made.json).toMatchObject({ kind: 'metadata', path: join(folder, 'backups', made.json.name) });
      expect(made.status).toBe(201);
      expect(lookInto(made.json.path)('select name from datasets')).toEqual(['a']);
      expect((await stat(made.json.path)).mode & 0o777).toBe(0o600);
      const second = await cli('backup', '--json');
      expect(second).toMatchObject({ code: 0, err: '', json: { kind: 'metadata' } });
      const full = await call('POST', '/admin/backup', { withDatasets: true });
      expect(full.json.kind).toBe('full');
      const third = await cli('backup', '--json');
      const listed = (await call('GET', '/admin/backup')).json;
      expect(listed).toMatchObject({ isSupported: true, keep: 2, cron: '15 3 * * *' });
      expect(listed.items.map(({ name }: { name: string }) => name)).toEqual([
        third.json.name,
        full.json.name,
        second.json.name,
      ]);
      expect(await backupsIn()).toEqual([full.json.name, second.json.name, third.json.name].sort());
      const audit = await call('GET', '/admin/audit?action=backup.create');
      expect(audit.json.items.map(({ target }: { target: string }) => target)).toEqual([
        full.json.name,
        made.json.name,
      ]);
      expect(await temporary()).toEqual(expect.not.arrayContaining([expect.stringContaining('backups/')]));
    });
  });

  test('goes where it is told, and never over what is there', async () => {
    await withService(async () => undefined);
    const file = join(folder, 'mine.sqlite');
    expect(await cli('backup', '--out', file)).toMatchObject({ code: 0, err: '' });
    const again = await cli('backup', '--out', file);
    expect(again).toMatchObject({ code: 1, out: '', err: `${file} is there already\n` });
    const other = join(folder, 'other');
    await mkdir(other);
    for (let n = 0; n < 3; n++) expect((await cli('backup', '--out', other, '--keep', '1')).code).toBe(0);
    expect(await readdir(other)).toHaveLength(1);
    expect((await cli('backup', '--keep', '0')).code).toBe(2);
  });

  test('into a folder that cannot be written says so', async () => {
    env.BACKUP_DIR = '/sys/backups';
    const { code, err } = await cli('backup');
    expect(err).toContain('/sys/backups cannot be written');
    expect(code).toBe(1);
  });

  test('over PostgreSQL says what to use', async () => {
    env.METADATA_DB_PATH = 'postgres://u:p@127.0.0.1:1/d';
    for (const args of [['backup'], ['restore', 'x']]) {
      const { code, err } = await cli(...args);
      expect(err).toMatch(/PostgreSQL server: .*pg_(dump|restore)/);
      expect(code).toBe(1);
    }
  });

  test.each([{ withDatasets: 'yes' }, { datasets: true }])('refuses %j', async (body) => {
    await withService(async (call) => {
      expect((await call('POST', '/admin/backup', body)).json).toMatchObject({ code: 'request.invalid' });
    });
  });

  test.each(['copied', 'filled', 'placed'])(
    'killed when %s, it is there whole or not at all',
    async (step) => {
      await withService(async (call) => load(call, 'a', 'x\n1\n'));
      await killAt('backup', step);
      const found = await backupsIn();
      expect(found.filter((name) => name.startsWith('full-'))).toHaveLength(step === 'placed' ? 1 : 0);
      expect((await cli('backup', '--with-datasets')).code).toBe(0);
      expect((await backupsIn()).filter((name) => name.startsWith('tmp-'))).toEqual([]);
    },
  );
});

async function killAt(what: 'backup' | 'restore', step: string, from = ''): Promise<void> {
  const script = join(import.meta.dir, 'backups.child.ts');
  const args = [what, metadata, join(folder, 'backups'), env.DUCKDB_PATH!, step, from];
  const child = Bun.spawn([process.execPath, script, ...args], { stdout: 'pipe', stderr: 'inherit' });
  let text = '';
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (!text.includes(`at ${step}`)) continue;
    child.kill('SIGKILL');
    break;
  }
  await child.exited;
  expect(text).toBe(`at ${step}\n`);
}

describe('restore', () => {
  test('brings metadata and datasets back; what it replaced can be restored in turn', async () => {
    const backup = join(folder, 'full');
    await withService(async (call) => {
      await load(call, 'a', 'x\n1\n');
      expect((await cli('backup', '--with-datasets', '--out', backup)).code).toBe(0);
      await load(call, 'a', 'x\n2\n');
      await load(call, 'b', 'y\n5\n');
    });
    await rm(join(folder, 'datasets', (await readdir(join(backup, 'datasets')))[0]!, '1-1.parquet'));
    const back = await cli('restore', backup, '--json');
    expect(back).toMatchObject({ err: '', code: 0 });
    expect(back.json.files).toEqual({ placed: 1, present: 1, missing: [] });
    expect((await stat(metadata)).mode & 0o777).toBe(0o600);
    // Older than anything that the backup holds: the next start makes the file of views anew.
    expect((await stat(env.DUCKDB_PATH!)).mtimeMs).toBe(0);
    await withService(async (call) => {
      expect(await rowsOf(call, 'a')).toEqual([[1]]);
      expect(names()).toEqual(['a']);
      await until(async () => (await stat(env.DUCKDB_PATH!)).mtimeMs > 0);
    });
    expect(await viewNames()).toEqual(['a']);
    const forth = await cli('restore', back.json.kept, '--json');
    expect(forth).toMatchObject({ err: '', code: 0 });
    expect(forth.json.files.missing).toEqual([]);
    await withService(async (call) => {
      expect(await rowsOf(call, 'a')).toEqual([[2]]);
      expect(await rowsOf(call, 'b')).toEqual([[5]]);
    });
    expect(await temporary()).toEqual([]);
  });

  test('is refused while the service runs, and changes nothing', async () => {
    await withService(async (call) => {
      const { path } = (await call('POST', '/admin/backup', {})).json;
      await load(call, 'a', 'x\n1\n');
      for (const more of [[], ['--force']])
        expect(await cli('restore', path, ...more)).toEqual({
          ...{ code: 1, out: '', json: undefined },
          err: `${metadata} is in use: stop the service, then try again\n`,
        });
      expect(await rowsOf(call, 'a')).toEqual([[1]]);
    });
  }, 30_000);

  test('--dry-run works while the service runs', async () => {
    await withService(async (call) => {
      await load(call, 'a', 'x\n1\n');
      const { path } = (await call('POST', '/admin/backup', {})).json;
      await load(call, 'b', 'x\n2\n');
      const looked = await cli('restore', path, '--dry-run', '--json');
      expect(looked).toMatchObject({ code: 0, err: '', json: { dryRun: true, kept: null } });
      // The rows, and the upload that they came from.
      expect(looked.json.files).toEqual({ placed: 0, present: 2, missing: [] });
      await load(call, 'b', 'x\n3\n');
      expect(await rowsOf(call, 'b')).toEqual([[3]]);
    });
    expect(await temporary()).toEqual([]);
  }, 30_000);

  test('--dry-run looks and touches nothing', async () => {
    const backup = join(folder, 'b.sqlite');
    await withService(async (call) => {
      await cli('backup', '--out', backup);
      await load(call, 'a', 'x\n1\n');
    });
    const { code, out } = await cli('restore', backup, '--dry-run');
    expect(out).toStartWith('The backup is good; nothing was changed.');
    expect(code).toBe(0);
    expect(names()).toEqual(['a']);
  });

  test('into an empty place, of an older version, runs the migrations', async () => {
    const backup = join(folder, 'b.sqlite');
    const db = await openDatabase(backup);
    await migrate(db, backup, silentLog, MIGRATIONS.slice(0, 1));
    await db.destroy();
    expect(await cli('restore', backup)).toMatchObject({ code: 0, err: '' });
    const applied = lookInto(metadata)('select name from migrations order by name');
    expect(applied).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(lookInto(backup)('select name from migrations')).toEqual([MIGRATIONS[0]!.name]);
    await withService(async (call) => load(call, 'a', 'x\n1\n'));
  });

  test('says which files of datasets are missing', async () => {
    const backup = join(folder, 'b.sqlite');
    await withService(async (call) => {
      await load(call, 'a', 'x\n1\n');
      await cli('backup', '--out', backup);
    });
    const [id] = await readdir(join(folder, 'datasets'));
    await rm(join(folder, 'datasets', id!), { recursive: true });
    expect((await cli('restore', backup, '--json')).json.files.missing).toEqual([
      `${id}/1-1.parquet`,
      `${id}/1-original`,
    ]);
  });

  describe('refuses', () => {
    const spoil: [string, RegExp, (path: string) => Promise<unknown>][] = [
      ['what is not there', /There is no file/, (path) => rm(path)],
      ['an empty file', /not the metadata of this service/, (path) => writeFile(path, '')],
      ['another file', /damaged, or no database/, (path) => writeFile(path, 'no database'.repeat(999))],
      [
        'a file that was cut',
        /damaged/,
        async (path) => writeFile(path, (await Bun.file(path).bytes()).slice(0, 9000)),
      ],
      ['metadata in use', /no finished backup/, (path) => writeFile(`${path}-wal`, 'x')],
      [
        'a newer version',
        /newer version of this service \(it has 9999-later\)/,
        async (path) => {
          const sqlite = new Sqlite(path);
          sqlite.run("insert into migrations values ('9999-later', '')");
          sqlite.close();
        },
      ],
    ];
    test.each(spoil)('%s', async (_, says, change) => {
      const backup = join(folder, 'b.sqlite');
      await withService(async (call) => {
        await cli('backup', '--out', backup);
        await load(call, 'a', 'x\n1\n');
      });
      await change(backup);
      const { code, err } = await cli('restore', backup);
      expect(err).toMatch(says);
      expect(code).toBe(1);
      expect(names()).toEqual(['a']);
      expect(await temporary()).toEqual([]);
    });

    test.each([
      ['a changed file', /was changed or is damaged/, (file: string) => appendFile(file, 'x')],
      ['a lost file', /is missing/, (file: string) => rm(file)],
    ] as const)('a full backup with %s', async (_, says, change) => {
      const backup = join(folder, 'full');
      await withService(async (call) => {
        await load(call, 'a', 'x\n1\n');
        await cli('backup', '--with-datasets', '--out', backup);
      });
      const [id] = await readdir(join(backup, 'datasets'));
      const file = join(backup, 'datasets', id!, '1-1.parquet');
      await copyFile(file, `${file}.own`);
      await rm(file);
      await copyFile(`${file}.own`, file);
      await change(file);
      expect(await cli('restore', backup)).toMatchObject({ code: 1, err: expect.stringMatching(says) });
    });
  });

  test('over damaged metadata wants --force, and keeps the damaged file', async () => {
    const backup = join(folder, 'b.sqlite');
    await withService(async () => undefined);
    await cli('backup', '--out', backup);
    await writeFile(metadata, 'damaged '.repeat(1000));
    expect((await cli('restore', backup)).err).toContain('stop the service, then use --force');
    const { json } = await cli('restore', backup, '--force', '--json');
    expect(await Bun.file(join(json.kept, 'meta.sqlite')).text()).toStartWith('damaged damaged');
    expect(lookInto(metadata)('select email from users')).toEqual([ADMIN.email]);
  });

  test.each(['checked', 'held', 'kept', 'files', 'replaced'])(
    'killed when %s, it leaves the state before or after, and can be run again',
    async (step) => {
      const backup = join(folder, 'full');
      await withService(async (call) => {
        await load(call, 'a', 'x\n1\n');
        await cli('backup', '--with-datasets', '--out', backup);
        await load(call, 'b', 'y\n5\n');
      });
      const [id] = await readdir(join(backup, 'datasets'));
      await rm(join(folder, 'datasets', id!, '1-1.parquet'));
      await killAt('restore', step, backup);
      expect(lookInto(metadata)('pragma integrity_check')).toEqual(['ok']);
      expect(names()).toEqual(step === 'replaced' ? ['a'] : ['a', 'b']);
      expect(await cli('restore', backup)).toMatchObject({ code: 0, err: '' });
      expect(names()).toEqual(['a']);
      await withService(async (call) => expect(await rowsOf(call, 'a')).toEqual([[1]]));
      expect(await temporary()).toEqual([]);
    },
  );
});
