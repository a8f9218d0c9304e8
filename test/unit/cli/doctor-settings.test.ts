import { describe, expect, test } from 'bun:test';
import { chmod, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldersCheck } from '../../../src/cli/doctor/folders.ts';
import { misspelled, settingsCheck } from '../../../src/cli/doctor/settings.ts';
import { type Machine, RULES } from '../../../src/cli/doctor/settings-rules.ts';
import { readConfig } from '../../../src/config.ts';

const GIB = 2 ** 30;
const MACHINE: Machine = { cores: 4, memoryBytes: 8 * GIB, freeBytes: 100 * GIB };
const KEY = '7d1f0c9ae2b84356a1d2e3f405162738';
/** Settings of a server that nobody has anything against. */
const GOOD = {
  APP_ENV: 'prod',
  SECRET_KEY: KEY,
  METADATA_DB_PATH: '/var/lib/reporting/meta.sqlite',
  DUCKDB_PATH: '/var/lib/reporting/local.duckdb',
  THREADS: '2',
  RUN_SCHEDULER: '1',
};

const said = (env: Record<string, string>, machine: Partial<Machine> = {}) => {
  const config = readConfig({ ...GOOD, ...env });
  return RULES.filter((rule) => rule.isBroken(config, { ...MACHINE, ...machine })).map(({ says }) => says);
};

const CASES: [Record<string, string>, RegExp, Partial<Machine>?][] = [
  [{ APP_ENV: 'dev', HOST: '0.0.0.0' }, /APP_ENV is dev, and HOST/],
  [{ HOST: '0.0.0.0' }, /past Nginx/],
  [{ FORWARDED_ALLOW_IPS: '10.0.0.1,*' }, /believes everyone/],
  [{ CORS_ORIGINS: '*' }, /every web page/],
  [{ CORS_ORIGINS: 'https://app.example.com/' }, /no origin/],
  [{ FRONTEND_BASE_URL: 'https://app.example.com' }, /does not name/],
  [{ BACKEND_BASE_URL: 'http://api.example.com' }, /clear text/],
  [{ METRICS_ALLOW_IPS: '0.0.0.0/0' }, /to everyone/],
  [{ METRICS_TOKEN: 'short' }, /guessed/],
  [{ SECRET_KEY_PREVIOUS: KEY }, /the same as/],
  [{ DUCKDB_PATH: GOOD.METADATA_DB_PATH }, /one file/],
  [{ METADATA_DB_PATH: '/tmp/x/meta.sqlite' }, /METADATA_DB_PATH is in a folder/],
  [{ DUCKDB_PATH: '/dev/shm/x/local.duckdb' }, /DUCKDB_PATH, beside/],
  [{ BACKUP_CRON: 'off' }, /not backed up/],
  [{ BACKUP_DIR: '/var/lib/reporting/datasets' }, /cleans up/],
  [{ UPLOAD_MAX_BYTES: '2GiB' }, /does not fit/, { freeBytes: GIB }],
  [{ UPLOAD_MAX_EXPANDED_BYTES: '1GiB' }, /thus cannot be used/],
  [{ DUCKDB_TEMP_MAX_BYTES: '20GiB' }, /spill more/, { freeBytes: 10 * GIB }],
  [{ DUCKDB_MEMORY_LIMIT: '3GiB' }, /more memory than there is/],
  [{ RESULT_CACHE_BYTES: '4GiB' }, /RESULT_CACHE_BYTES is more/],
  [{ PASSWORD_HASH_CONCURRENCY: '64' }, /64 MiB each/],
  [{ THREADS: '8' }, /twice the cores/, { cores: 2 }],
  [{ HEAVY_QUERY_CONCURRENCY: '1', USER_QUERY_CONCURRENCY: '1' }, /never work/],
  [{ USER_QUERY_CONCURRENCY: '8' }, /can take all turns/],
  [{ RUN_SCHEDULER: '0' }, /RUN_SCHEDULER is 0/],
  [{ USER_QUERY_QUEUE: '64' }, /can fill the queue/],
  [{ GRACEFUL_TIMEOUT: '60' }, /longer than the unit waits/],
];

describe('doctor on settings', () => {
  test('has nothing against good ones', () => {
    expect(said({})).toEqual([]);
    expect(
      said({ FRONTEND_BASE_URL: 'https://a.example.com', CORS_ORIGINS: 'https://a.example.com' }),
    ).toEqual([]);
    expect(said({ METADATA_DB_PATH: 'postgres://u:p@h/d', BACKUP_CRON: 'off' })).toEqual([]);
  });

  test.each(CASES.map(([env, says, machine = {}]) => ({ env, says, machine })))(
    '$env',
    ({ env, says, machine }) => {
      expect(said(env, machine).filter((text) => says.test(text))).toHaveLength(1);
    },
  );

  test('counts what each of several processes may take', () => {
    const several = { WEB_CONCURRENCY: '4' };
    for (const env of [
      { DUCKDB_MEMORY_LIMIT: '600MiB' },
      { RESULT_CACHE_BYTES: '1GiB' },
      { PASSWORD_HASH_CONCURRENCY: '10' },
    ]) {
      expect(said(env)).toEqual([]);
      expect(said({ ...env, ...several })).toHaveLength(1);
    }
  });

  test('adds the delay of a stop to its grace', () => {
    expect(said({ SHUTDOWN_DELAY_SECONDS: '7', GRACEFUL_TIMEOUT: '30' })).toEqual([]);
    expect(said({ SHUTDOWN_DELAY_SECONDS: '8', GRACEFUL_TIMEOUT: '30' })).toHaveLength(1);
  });

  test('each rule has a case, and says what to do', () => {
    for (const { says, todo } of RULES) {
      expect(CASES.filter(([, pattern]) => pattern.test(says)).length, says).toBe(1);
      expect(todo.length, says).toBeGreaterThan(5);
    }
  });

  test('reads the machine, also where the folder is not there yet', async () => {
    const env = { ...GOOD, DUCKDB_PATH: join('/var/lib/not-there/yet', 'local.duckdb'), BACKUP_CRON: 'off' };
    const found = await settingsCheck.run(readConfig(env));
    expect(found).toContainEqual({
      check: 'settings',
      state: 'warn',
      says: 'the metadata is not backed up: BACKUP_CRON is off',
      todo: 'set BACKUP_CRON, or call reporting-api backup by a timer of your own',
    });
  });

  test('looks at the folder of backups, wherever it is', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'backups-'));
    await chmod(folder.path, 0o777);
    const found = await foldersCheck.run(
      readConfig({ METADATA_DB_PATH: join(import.meta.dir, 'x'), BACKUP_DIR: folder.path }),
    );
    const says = `${folder.path} can be written by everyone (777)`;
    expect(found).toContainEqual(expect.objectContaining({ state: 'fail', says }));
  });

  test.each([
    ['METADATA_DBPATH', 'METADATA_DB_PATH'],
    ['SECRET_KYE', 'SECRET_KEY'],
    ['secret_key', 'SECRET_KEY'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['BACKUP_KEPP', 'BACKUP_KEEP'],
  ])('%s is a slip of %s', (name, meant) => {
    expect(misspelled({ [name]: 'x', PATH: '/bin', HOME: '/', [meant]: 'y' })).toEqual([
      { check: 'settings', state: 'warn', says: `${name} is no setting`, todo: `did you mean ${meant}?` },
    ]);
  });
});
