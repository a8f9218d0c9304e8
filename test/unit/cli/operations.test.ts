import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Seal } from '../../../src/base/seal.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { MIGRATIONS } from '../../../src/store/migrations/all.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { runCommand } from '../../support/program.ts';
import { tempFolder } from '../../support/server-process.ts';
import { lookInto } from '../../support/sqlite-file.ts';

const [OLD, NEW, LOST] = ['o1d', 'n3w', '1ost'].map((text) => `${text}-0123456789abcdefghijklmnopqrstuv`) as [
  string,
  string,
  string,
];
const NAMES = MIGRATIONS.map(({ name }) => name);

let folder: string;
let removeFolder: () => Promise<void>;
let path: string;

beforeEach(async () => {
  ({ path: folder, remove: removeFolder } = await tempFolder('operations-'));
  path = join(folder, 'meta.sqlite');
});
afterEach(() => removeFolder());

const cli = (line: string, env: Record<string, string> = {}) =>
  runCommand(line.split(' '), { METADATA_DB_PATH: path, ...env });

test('migrate lists what is pending, and applies it', async () => {
  const listed = await cli('migrate --dry-run --json');
  expect(JSON.parse(listed.out)).toEqual({ dryRun: true, migrations: NAMES });
  expect(existsSync(path)).toBe(false);
  const db = await openDatabase(path);
  await migrate(db, path, silentLog, MIGRATIONS.slice(0, 1));
  await db.destroy();
  expect((await cli('migrate --dry-run')).out).toBe(`Pending:\n  ${NAMES.slice(1).join('\n  ')}\n`);
  expect(lookInto(path)('select name from migrations')).toEqual(NAMES.slice(0, 1));
  expect(await cli('migrate')).toEqual({
    code: 0,
    out: `Applied:\n  ${NAMES.slice(1).join('\n  ')}\n`,
    err: '',
  });
  expect(lookInto(path)('select name from migrations order by name')).toEqual(NAMES);
  expect(await cli('migrate')).toEqual({ code: 0, out: 'The metadata is up to date.\n', err: '' });
});

test.each(['migrate', 'migrate --dry-run'])('%s refuses metadata of a newer version', async (line) => {
  const db = await openDatabase(path);
  await migrate(db, path, silentLog, [...MIGRATIONS, { name: '9999-later', up: async () => undefined }]);
  await db.destroy();
  const { code, err } = await cli(line);
  expect(err).toContain('newer version of this service (it has 9999-later)');
  expect(code).toBe(1);
});

test('secret rotate seals under the new key, and counts', async () => {
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const store = createStore(db);
  for (const [id, key] of [
    ['ds_1', OLD],
    ['ds_2', NEW],
    ['ds_3', LOST],
  ] as const)
    await store.datasources.insert({
      ...{ id, name: id, type: 'postgres', description: '', version: 1, facts: undefined },
      settings: { host: 'h', port: 1, database: 'd', user: 'u' },
      secrets: { password: new Seal(key).seal(`password of ${id}`, `datasource/${id}/password`) },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', createdBy: null, updatedAt: '2026-01-01T00:00:00.000Z' },
    });
  await store.secrets.insert({
    ...{ id: 'sec_1', name: 'crm', description: '', hosts: ['*'], version: 1 },
    sealed: new Seal(OLD).seal('of the CRM', 'secret/sec_1/value'),
    ...{ createdAt: '2026-01-01T00:00:00.000Z', createdBy: null, updatedAt: '2026-01-01T00:00:00.000Z' },
  });
  const aiKey = async () => JSON.parse((await store.facts.get('ai.config'))!).key as string;
  await store.facts.set(
    'ai.config',
    JSON.stringify({ provider: 'openai', key: new Seal(OLD).seal('of the AI', 'ai.config/key') }),
  );
  const env = { SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD };
  const first = await cli('secret rotate --json', env);
  expect(JSON.parse(first.out)).toEqual({ resealed: 3, current: 1, unreadable: 1 });
  expect(first.err).toContain('"id":"ds_3"');
  expect(first.code).toBe(0);
  const sealed = new Map(
    (await store.datasources.secrets()).map(({ id, secrets }) => [id, secrets.password!]),
  );
  const [named] = await store.secrets.sealed();
  expect(new Seal(NEW).open(named!.sealed, 'secret/sec_1/value')).toBe('of the CRM');
  expect(new Seal(NEW).open(await aiKey(), 'ai.config/key')).toBe('of the AI');
  await db.destroy();
  for (const id of ['ds_1', 'ds_2'])
    expect(new Seal(NEW).open(sealed.get(id)!, `datasource/${id}/password`)).toBe(`password of ${id}`);
  expect((await cli('secret rotate', env)).out).toBe(
    'Secrets: 0 sealed anew, 4 were already, 1 cannot be opened by either key.\n',
  );
});

test('secret rotate wants both keys', async () => {
  const { code, err } = await cli('secret rotate', { SECRET_KEY: NEW });
  expect(err).toContain('SECRET_KEY_PREVIOUS: set both');
  expect(code).toBe(2);
});

test('openapi prints the description, and touches no data', async () => {
  const { code, out, err } = await cli('openapi');
  const { openapi, paths } = JSON.parse(out);
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/api/query/pivot', '/api/admin/backup', '/api/runs']),
  );
  expect({ code, err, made: existsSync(path) }).toEqual({ code: 0, err: '', made: false });
});

describe('settings that no part of the service takes', () => {
  const env = {
    SECRET_KEY: NEW,
    PORT: '0',
    POSTGRES_DSN: 'postgres://me:s3cret@h:x/d',
    OUTBOUND_ALLOW: 'api.intern,http://x',
    OUTBOUND_PORTS: '80,99999',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=%zz-s3cret',
    WEB_CONCURRENCY: '2',
  };
  const wrong = ['POSTGRES_DSN', 'OUTBOUND_ALLOW', 'OUTBOUND_PORTS', 'OTEL_EXPORTER_OTLP_HEADERS'];

  test('are told all at once before anything starts, exit code 2', async () => {
    const { code, err } = await cli('serve', env);
    expect([...err.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name)).toEqual(wrong);
    expect([code, existsSync(path), err.includes('s3cret')]).toEqual([2, false, false]);
  });

  test('are found by doctor', async () => {
    const { code, out } = await cli('doctor --json', { ...env, DUCKDB_PATH: join(folder, 'local.duckdb') });
    const { findings } = JSON.parse(out) as { findings: { check: string; state: string; says: string }[] };
    const said = findings.filter(({ check, state }) => check === 'settings' && state === 'fail');
    expect(said.map(({ says }) => says.split(':')[0])).toEqual(wrong);
    expect([code, out.includes('s3cret')]).toEqual([1, false]);
  });
});
