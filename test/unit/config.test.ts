import { describe, expect, test } from 'bun:test';
import { availableParallelism } from 'node:os';
import { ConfigError, printConfig, readConfig } from '../../src/config.ts';
import { processesFor, SETTINGS, type Setting } from '../../src/settings.ts';

const SECRET = '7d1f0c9ae2b84356a1d2e3f405162738';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('with nothing set, development on embedded defaults', () => {
  const config = readConfig({});
  expect(config.APP_ENV).toBe('dev');
  expect(config.HOST).toBe('127.0.0.1');
  expect(config.PORT).toBe(8000);
  expect(config.DUCKDB_PATH).toBe('./.data/local.duckdb');
  expect(config.METADATA_DB_PATH).toBe('./.data/meta.sqlite');
  expect(config.SECRET_KEY).toBeUndefined();
  expect(config.HEAVY_QUERY_CONCURRENCY).toBe(8);
  expect(config.AI_CONCURRENCY).toBe(2);
  expect(config.AI_TIMEOUT_SECONDS).toBe(30);
  expect(config.RUN_SCHEDULER).toBe(true);
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.CORS_ORIGINS)).toBe(true);
});

test('all faults are listed at once', () => {
  const faults = faultsOf({ PORT: 'x', APP_ENV: 'test', TIMEZONE: 'Mars/Base', QUERY_MAX_BYTES: '5 apples' });
  expect(faults).toEqual([
    'APP_ENV: must be one of dev, prod',
    'TIMEZONE: must be an IANA time zone, such as Europe/Rome',
    'PORT: must be a whole number from 0 to 65535',
    'QUERY_MAX_BYTES: must be a number of bytes, such as 1048576 or 64MiB',
  ]);
});

test('what is wrong of settings together is listed with them, and nothing twice', () => {
  expect(faultsOf({ PORT: 'x', APP_ENV: 'prod', ADMIN_PASSWORD: 'short' })).toEqual([
    'PORT: must be a whole number from 0 to 65535',
    'SECRET_KEY: is required when APP_ENV is prod; make one with: openssl rand -hex 32',
    'ADMIN_EMAIL: goes together with ADMIN_PASSWORD',
    'ADMIN_PASSWORD: must have at least 10 characters',
  ]);
  expect(faultsOf({ ADMIN_EMAIL: 'nobody', ADMIN_PASSWORD: 'long enough for it' })).toEqual([
    'ADMIN_EMAIL: must be an e-mail address',
  ]);
});

test.each([
  [4, 64, 4],
  [32, 64, 8],
  [8, 4, 4],
  [8, 1.9, 1],
  [1, 0.5, 1],
])('WEB_CONCURRENCY=auto on %d cores and %d GiB is %d processes', (cores, gib, processes) => {
  expect(processesFor(cores, gib * 2 ** 30)).toBe(processes);
});

describe('every kind is parsed and refused', () => {
  const accepted: [string, string, unknown][] = [
    ['PORT', ' 8080 ', 8080],
    ['PORT', '0', 0],
    ['HOST', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['QUERY_MAX_BYTES', '2048', 2048],
    ['QUERY_MAX_BYTES', '2KiB', 2048],
    ['QUERY_MAX_BYTES', '1.5 MB', 1_500_000],
    ['UPLOAD_MAX_BYTES', '2gib', 2 * 2 ** 30],
    ['DATASETS_CACHE_BYTES', '1.5TiB', 1.5 * 2 ** 40],
    ['DATASETS_CACHE_BYTES', '2tb', 2e12],
    ['RUN_SCHEDULER', 'TRUE', true],
    ['RUN_SCHEDULER', 'off', false],
    ['CORS_ORIGINS', 'https://a.example, https://b.example,', ['https://a.example', 'https://b.example']],
    ['CORS_ORIGINS', '*', ['*']],
    ['CORS_ORIGINS', 'http://[::1]:5173, app://local', ['http://[::1]:5173', 'app://local']],
    ['FORWARDED_ALLOW_IPS', '', ['127.0.0.0/8', '::1']],
    ['LOG_LEVEL', 'WARNING', 'warning'],
    ['TIMEZONE', 'America/St_Johns', 'America/St_Johns'],
    ['BACKEND_BASE_URL', 'https://api.example.com/', 'https://api.example.com'],
    ['IDENT', 'nobody', 'nobody'],
  ];
  test.each(accepted)('%s=%j', (name, text, value) => {
    expect(readConfig({ [name]: text })[name as 'PORT'] as unknown).toEqual(value);
  });

  const refused: [string, string][] = [
    ['HOST', '[::1]'],
    ['HOST', '*'],
    ['HOST', 'a b'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '1e3'],
    ['QUERY_MAX_BYTES', '1'],
    ['QUERY_MAX_BYTES', '-5MiB'],
    ['QUERY_MAX_BYTES', '5XB'],
    ['RUN_SCHEDULER', '2'],
    ['LOG_LEVEL', 'loud'],
    ['TIMEZONE', 'CET/Nowhere'],
    ['BACKEND_BASE_URL', 'ftp://x'],
    ['BACKEND_BASE_URL', 'example.com'],
    ['IDENT', 'line\nbreak'],
    ['ADMIN_EMAIL', 'nobody'],
    ['CORS_ORIGINS', 'foo'],
    ['CORS_ORIGINS', 'https://a.example,app.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com/path'],
    ['CORS_ORIGINS', 'https://*.example.com'],
  ];
  test.each(refused)('%s=%j is refused by name', (name, text) => {
    const faults = faultsOf({ [name]: text });
    expect(faults.map((fault) => fault.split(':')[0])).toContain(name);
  });
});

test('every number is taken at its bounds and refused past them; nothing, and blanks, are the default', () => {
  const numbers = Object.entries<Setting>(SETTINGS).filter(([, { kind }]) => /int|bytes/.test(kind.type));
  expect(numbers.length).toBeGreaterThan(80);
  for (const [name, { kind }] of numbers) {
    if (kind.type !== 'int' && kind.type !== 'bytes') continue;
    const max = kind.type === 'int' ? kind.max : Number.MAX_SAFE_INTEGER;
    const read = (text: string) => readConfig({ [name]: text })[name as 'PORT'];
    expect([read(String(kind.min)), read(` ${max} `), read('')], name).toEqual([kind.min, max, read('  ')]);
    for (const past of [kind.min - 1, max + 1])
      expect(faultsOf({ [name]: String(past) }), name).toEqual([expect.stringContaining(`${name}: must be`)]);
  }
});

describe('the secret', () => {
  test('prod demands one', () => {
    expect(faultsOf({ APP_ENV: 'prod' })[0]).toStartWith('SECRET_KEY: is required');
    expect(readConfig({ APP_ENV: 'prod', SECRET_KEY: SECRET }).SECRET_KEY).toBe(SECRET);
  });
  test.each([
    'tooshort',
    'changeme'.repeat(5),
    'x'.repeat(40),
    'your-secret-key-goes-here-0123456789',
    'please replace this with a real key!',
    '0123456789abcdef0123456789abcdef',
  ])('%j is refused in prod and in dev', (key) => {
    expect(faultsOf({ APP_ENV: 'prod', SECRET_KEY: key })[0]).toStartWith('SECRET_KEY: ');
    expect(faultsOf({ SECRET_KEY: key })[0]).toStartWith('SECRET_KEY: ');
  });
});

describe('the first admin', () => {
  test('needs both e-mail and password', () => {
    expect(faultsOf({ ADMIN_EMAIL: 'a@b.c' })).toEqual(['ADMIN_EMAIL: goes together with ADMIN_PASSWORD']);
    expect(faultsOf({ ADMIN_PASSWORD: 'long enough' })).toEqual([
      'ADMIN_EMAIL: goes together with ADMIN_PASSWORD',
    ]);
  });
  test('needs a password of 10 characters', () => {
    expect(faultsOf({ ADMIN_EMAIL: 'a@b.c', ADMIN_PASSWORD: 'short' })).toEqual([
      'ADMIN_PASSWORD: must have at least 10 characters',
    ]);
  });
});

test('no secret is printed, every setting is', () => {
  const secrets = Object.entries<Setting>(SETTINGS).filter(([, { secret }]) => secret);
  const given = Object.fromEntries(secrets.map(([name], i) => [name, `${SECRET}-${i}`]));
  const urls = Object.entries<Setting>(SETTINGS).filter(([, { kind }]) => kind.type === 'url');
  const withPassword = Object.fromEntries(urls.map(([name]) => [name, `https://me:${SECRET}@h.example/x`]));
  const more = { OTEL_EXPORTER_OTLP_HEADERS: `x=${SECRET}`, ADMIN_EMAIL: 'a@b.c' };
  const env = { ...given, ...withPassword, ...more };
  const text = printConfig(readConfig(env));
  expect(text).not.toContain(SECRET);
  expect(text).toContain('SECRET_KEY=********');
  expect(text).toContain('ADMIN_EMAIL=a@b.c');
  expect(text).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=https://me:********@h.example/x');
  expect(text).toContain('FORWARDED_ALLOW_IPS=127.0.0.0/8,::1');
  for (const name of Object.keys(SETTINGS))
    expect(text).toMatch(new RegExp(`^(# )?${name}( is not set|=)`, 'm'));
});

test('what is printed, without its secrets, reads back as the same settings', () => {
  const config = readConfig({ PORT: '9000', CORS_ORIGINS: 'https://a.example', QUERY_MAX_BYTES: '3MiB' });
  const lines = printConfig(config)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  expect(readConfig(env)).toEqual(config);
});

test('WEB_CONCURRENCY takes a number or auto, which is one process a core, at most 8', () => {
  expect(readConfig({ WEB_CONCURRENCY: '3' }).WEB_CONCURRENCY).toBe(3);
  expect(readConfig({ WEB_CONCURRENCY: 'AUTO' }).WEB_CONCURRENCY).toBe(Math.min(8, availableParallelism()));
  expect(faultsOf({ WEB_CONCURRENCY: 'many' })).toEqual([
    'WEB_CONCURRENCY: must be a whole number from 1 to 256',
  ]);
  expect(faultsOf({ PORT: 'auto' })).toHaveLength(1);
});
