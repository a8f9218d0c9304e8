import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../src/base/errors.ts';
import { failureText } from '../../../src/cli/start-failure.ts';
import { readConfig } from '../../../src/config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Settings {
  fake?: string;
  env?: Record<string, string>;
  args?: string[];
}

/** A process that serves; `until` reads what it prints on both streams up to a text. */
function start({ fake = '', env = {}, args = [] }: Settings = {}) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'serve-process.ts'), ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      METADATA_DB_PATH: join(folder, 'meta.sqlite'),
      FAKE: fake,
      ...env,
    },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const texts = { out: '', err: '' };
  let wake: () => void = () => undefined;
  async function read(name: 'out' | 'err', stream: ReadableStream<Uint8Array>) {
    for await (const bytes of stream) {
      texts[name] += new TextDecoder().decode(bytes);
      wake();
    }
  }
  const ended = Promise.all([read('out', child.stdout), read('err', child.stderr), child.exited]);
  async function until(name: 'out' | 'err', text: string) {
    while (!texts[name].includes(text)) {
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const isOver = await Promise.race([news.then(() => false), ended.then(() => true)]);
      if (isOver && !texts[name].includes(text)) throw new Error(`ended without ${text}: ${texts.err}`);
    }
  }
  return {
    child,
    texts,
    until,
    /** The exit code, after all was read. */
    end: async () => (await ended)[2],
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('says where it listens and how to sign in; SIGTERM drains and ends it with 0', async () => {
  await using service = start({ env: { GRACEFUL_TIMEOUT: '7' } });
  await service.until('out', 'TOKEN=sk_test');
  expect(service.texts.out).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+/);
  service.child.kill('SIGTERM');
  expect(await service.end()).toBe(0);
  const events = service.texts.err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).toMatchObject([
    { event: 'fake.started' },
    { event: 'service.stopping', signal: 'SIGTERM', graceMs: 7000 },
    { event: 'fake.stop', graceMs: 7000 },
    { event: 'service.stopped' },
  ]);
});

test('--host and --port win over HOST and PORT', async () => {
  await using service = start({
    args: ['--port', '0', '--host', 'localhost'],
    env: { PORT: '1', HOST: '1.1.1.1' },
  });
  await service.until('out', 'listens on http://localhost:');
  service.child.kill('SIGTERM');
  expect(await service.end()).toBe(0);
});

test('a wrong --port is a fault of PORT', async () => {
  await using service = start({ args: ['--port', '70000'] });
  expect(await service.end()).not.toBe(0);
  expect(service.texts.err).toContain('PORT: must be a whole number from 0 to 65535');
});

test.each(['SIGHUP', 'SIGUSR2'] as const)(
  '%s is logged with what to do, and the service goes on',
  async (signal) => {
    await using service = start();
    await service.until('out', 'listens on');
    const url = /http:\S+/.exec(service.texts.out)![0];
    service.child.kill(signal);
    await service.until('err', 'service.notReloaded');
    expect(service.texts.err).toContain('restart the service');
    expect(await (await fetch(url)).text()).toBe('here');
    service.child.kill('SIGTERM');
    expect(await service.end()).toBe(0);
  },
);

test('with --demo a curl for a pivot is printed, and that the data is there', async () => {
  await using service = start({ args: ['--demo'] });
  await service.until('out', 'The demo data is there');
  expect(service.texts.out).toContain('/api/query/pivot');
  service.child.kill('SIGINT');
  expect(await service.end()).toBe(0);
});

test('demo data that fails is logged, the service goes on', async () => {
  await using service = start({ args: ['--demo'], fake: 'demoFails' });
  await service.until('err', 'demo.failed');
  service.child.kill('SIGTERM');
  expect(await service.end()).toBe(0);
});

test('the same wish, sent several times by the programs around it, still drains', async () => {
  await using service = start();
  await service.until('out', 'listens on');
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) service.child.kill(signal);
  expect(await service.end()).toBe(0);
  expect(service.texts.err).toContain('"event":"service.stopped"');
});

test('who asks again for more than a second ends it at once', async () => {
  await using service = start({ fake: 'hangs' });
  await service.until('out', 'listens on');
  service.child.kill('SIGTERM');
  await service.until('err', 'service.stopping');
  const again = setInterval(() => service.child.kill('SIGTERM'), 50);
  expect(await service.end()).toBe(1);
  clearInterval(again);
  expect(service.texts.err).not.toContain('service.stopTimedOut');
});

test('what nobody caught is logged as critical and ends it with 1', async () => {
  await using service = start({ fake: 'throwLater' });
  expect(await service.end()).toBe(1);
  expect(service.texts.err).toContain('"level":"critical","event":"process.unhandledRejection"');
  expect(service.texts.err).toContain('nobody caught this');
});

test('a port in use is told by its number, exit code 1', async () => {
  await using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() });
  await using service = start({ env: { PORT: String(other.port) } });
  expect(await service.end()).toBe(1);
  expect(service.texts.err).toContain(`port ${other.port} on 127.0.0.1 is in use`);
  expect(service.texts.err).not.toContain('    at ');
});

test.each(['nowhere.invalid', '203.0.113.1'])(
  'a host that is not here (%s) is told, exit code 1',
  async (host) => {
    await using service = start({ env: { HOST: host } });
    expect(await service.end()).toBe(1);
    expect(service.texts.err).toEndWith(`\nHOST=${host} is not an address of this machine\n`);
  },
);

test('a start that fails for what somebody can set right is told in words, without a stack', async () => {
  const config = readConfig({ PORT: '8000' });
  const folder = await mkdir('/dev/null/data').catch((error: unknown) => error);
  expect(failureText(folder, config)).toBe(
    '/dev/null/data cannot be made: a name above it is a file, not a folder',
  );
  const closed = (path: string, code: string) => Object.assign(new Error('no'), { code, path });
  const own = readConfig({
    DUCKDB_PATH: '/srv/data/local.duckdb',
    METADATA_DB_PATH: '/srv/meta/meta.sqlite',
  });
  expect(failureText(closed('/srv/data/datasets', 'EACCES'), own)).toMatch(
    /^DUCKDB_PATH: \/srv\/data\/datasets may not be used by this user \(uid \d+\)/,
  );
  expect(failureText(closed('/srv/meta', 'EROFS'), own)).toStartWith(
    'METADATA_DB_PATH: /srv/meta is on a read-only',
  );
  expect(failureText(closed('/srv/data', 'EEXIST'), own)).toBe(
    'DUCKDB_PATH: /srv/data is a file where a folder must be',
  );
  expect(failureText(closed('/srv', 'ENOENT'), own)).toStartWith(
    'METADATA_DB_PATH, DUCKDB_PATH: /srv cannot',
  );
  expect(failureText(Object.assign(new Error('bind: EACCES'), { code: 'EACCES' }), own)).toBe(
    'The port 8000 on 127.0.0.1 may not be opened by this user: choose one above 1023 with PORT=…, behind Nginx',
  );
  expect(failureText(new AppError('storage.unusable', 'meta.sqlite is damaged'), config)).toBe(
    'meta.sqlite is damaged',
  );
  expect(failureText(new TypeError('a fault of ours'), config)).toBeUndefined();
});

test('in production nothing but logs is written to a pipe', async () => {
  const env = { APP_ENV: 'prod', SECRET_KEY: '7d1f0c9ae2b84356a1d2e3f405162738', LOG_LEVEL: 'debug' };
  await using service = start({ env, args: ['--demo'] });
  await service.until('err', 'fake.started');
  service.child.kill('SIGTERM');
  expect(await service.end()).toBe(0);
  expect(service.texts.out).toBe('');
});
