import { afterEach, beforeEach, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetsCheck } from '../../../src/cli/doctor/datasets.ts';
import { datasourcesCheck } from '../../../src/cli/doctor/datasources.ts';
import { foldersCheck } from '../../../src/cli/doctor/folders.ts';
import { secretCheck } from '../../../src/cli/doctor/secret.ts';
import { readConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { freePort } from '../../support/server-process.ts';
import { openService } from '../../support/service-kit.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(() => {
  chmodSync(folder, 0o750);
  rmSync(folder, { recursive: true });
});

const config = (env: Record<string, string> = {}) =>
  readConfig({
    DUCKDB_PATH: join(folder, 'local.duckdb'),
    METADATA_DB_PATH: join(folder, 'meta.sqlite'),
    ...env,
  });

async function metadataWith(ids: readonly string[]): Promise<void> {
  const path = config().METADATA_DB_PATH;
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const at = '2026-01-01T00:00:00.000Z';
  for (const id of ids)
    await db
      .insertInto('datasets')
      .values({
        id,
        name: id,
        description: '',
        current_generation: 1,
        created_at: at,
        created_by: null,
        updated_at: at,
      })
      .execute();
  await db.destroy();
}

const makeDatasets = (...ids: string[]) => {
  for (const id of ids) mkdirSync(join(folder, 'datasets', id), { recursive: true });
};

test('datasets that the metadata knows, and leftovers among them, are ours', async () => {
  expect(await datasetsCheck.run(config())).toMatchObject([{ state: 'ok' }]);
  makeDatasets('dst_a', 'dst_b', 'dst_left');
  await metadataWith(['dst_a', 'dst_b']);
  expect(await datasetsCheck.run(config())).toMatchObject([{ state: 'ok', says: '3 datasets are ours' }]);
});

test.each(['without metadata', 'with metadata'])('datasets of another installation, %s', async (how) => {
  makeDatasets('dst_a', 'dst_b', 'dst_c', 'dst_d');
  if (how === 'with metadata') await metadataWith(['dst_own']);
  const [found] = await datasetsCheck.run(config());
  expect(found).toMatchObject({ check: 'datasets', state: 'fail' });
  expect(found!.says).toContain(
    'holds 4 datasets, and the metadata knows none of them (dst_a, dst_b, dst_c, …)',
  );
  expect(found!.todo).toContain('would remove them');
});

test('a disk that is read-only is told from a folder of another user', async () => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk]);
  if (!mounted.success) throw new Error(`no tmpfs can be mounted here: ${mounted.stderr}`);
  try {
    const [found] = await foldersCheck.run(config({ METADATA_DB_PATH: join(disk, 'meta.sqlite') }));
    expect(found).toMatchObject({ state: 'fail', says: `${disk} cannot be written` });
    expect(found!.todo).toContain('read-only');
  } finally {
    Bun.spawnSync(['umount', '-l', disk]);
  }
});

test('a DSN whose server does not answer, or refuses the password, is named without the password', async () => {
  await using server = await startPostgres();
  const { port, user, password } = server;
  const dsn = (at: number, word: string) =>
    `postgres://${user}:${encodeURIComponent(word)}@127.0.0.1:${at}/postgres`;
  const run = (POSTGRES_DSN: string) =>
    datasourcesCheck.run(config({ POSTGRES_DSN, DATASOURCE_TEST_SECONDS: '5' }));
  expect(await datasourcesCheck.run(config())).toEqual([]);
  expect(await run(dsn(port, password))).toMatchObject([
    // It answers, and its login is the server's own.
    { state: 'warn', says: expect.stringMatching(/^POSTGRES_DSN: The login has more rights .*SUPERUSER/) },
  ]);
  const wrong = await run(dsn(port, 'wrongword'));
  expect(wrong).toMatchObject([
    { check: 'sources', state: 'fail', todo: expect.stringContaining('POSTGRES_DSN') },
  ]);
  const away = await run(dsn(await freePort(), 'wrongword'));
  expect(away).toMatchObject([{ state: 'fail' }]);
  expect(JSON.stringify([wrong, away])).not.toContain('wrongword');
}, 60_000);

test('a SECRET_KEY that does not open what is stored', async () => {
  await using service = await openService();
  const source = { name: 'pg', type: 'postgres', dsn: 'postgres://u:pw@127.0.0.1:1/x' };
  const { json } = await service.call('POST', '/api/datasources', source);
  const run = (env: Record<string, string>) =>
    secretCheck.run(
      config({
        METADATA_DB_PATH: join(service.folder, 'meta.sqlite'),
        SECRET_KEY: '7d1f0c9ae2b84356a1d2e3f405162738',
        ...env,
      }),
    );
  const other = await run({});
  expect(other.map(({ state }) => state)).toEqual(['ok', 'fail']);
  expect(other[1]!.says).toBe(`SECRET_KEY does not open 1 stored secrets (${json.id})`);
  const own = 'a-test-key-of-more-than-32-characters';
  for (const right of [{ SECRET_KEY: own }, { SECRET_KEY_PREVIOUS: own }])
    expect((await run(right)).map(({ state }) => state)).toEqual(['ok']);
  expect((await run({})).map(({ state }) => state)).toEqual(['ok', 'fail']);
});
