import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createIdentity, openFirstAccess } from '../../../src/services/identity.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { temporaryFolder } from '../store/folder.ts';

const ADMIN = { ADMIN_EMAIL: 'Boss@Example.com', ADMIN_PASSWORD: 'first admin password' };
const caller = { actor: 'test', address: null, requestId: null };

async function opened(env: Record<string, string>) {
  const folder = await temporaryFolder();
  const path = folder.file('meta.sqlite');
  const db = await openDatabase(path);
  await migrate(db, path, silentLog);
  const store = createStore(db);
  const config = readConfig(env);
  const deps = { store, clock: systemClock, metrics: createMetrics(), log: silentLog, options: config };
  const identity = createIdentity({ ...deps, secretKey: 's'.repeat(32) });
  return {
    path,
    store,
    identity,
    open: () => openFirstAccess(identity, store, config),
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('the first admin', () => {
  test('is made from the settings, once', async () => {
    await using place = await opened(ADMIN);
    expect(await place.open()).toEqual({ madeAdmin: true, startKey: undefined });
    expect(await place.open()).toEqual({ madeAdmin: false, startKey: undefined });
    const [user, ...more] = await place.identity.users.list(10);
    expect(user).toMatchObject({ email: 'boss@example.com', role: 'admin', disabled: false });
    expect(more).toEqual([]);
    const [entry] = await place.identity.audit.list({}, 10);
    expect(entry).toMatchObject({ actor: 'system', action: 'user.create', target: user!.id });
    const origin = { ...caller, address: '127.0.0.1' };
    const login = { email: 'boss@example.com', password: ADMIN.ADMIN_PASSWORD };
    expect((await place.identity.signIn.login(login, '', origin)).user.id).toBe(user!.id);
  });

  test('is not made where there is a user', async () => {
    await using place = await opened(ADMIN);
    await place.identity.users.create(
      { email: 'a@example.com', name: 'A', role: 'viewer', password: 'x'.repeat(10) },
      caller,
    );
    expect((await place.open()).madeAdmin).toBe(false);
    expect(await place.store.users.count()).toBe(1);
  });

  test('has a password of at most 200 characters', async () => {
    await using place = await opened({ ...ADMIN, ADMIN_PASSWORD: 'x'.repeat(201) });
    await expect(place.open()).rejects.toMatchObject({ code: 'request.invalid', pointer: '/ADMIN_PASSWORD' });
  });

  test('is one, though two processes start at once', async () => {
    await using folder = await temporaryFolder();
    const path = folder.file('meta.sqlite');
    const script = join(import.meta.dir, 'first-admin.child.ts');
    const outputs = await Promise.all(
      ['one@example.com', 'two@example.com'].map(async (email) => {
        const child = Bun.spawn([process.execPath, script, path, email], {
          stdout: 'pipe',
          stderr: 'inherit',
        });
        const text = await new Response(child.stdout).text();
        expect(await child.exited).toBe(0);
        return JSON.parse(text).madeAdmin;
      }),
    );
    expect(outputs.sort()).toEqual([false, true]);
    const db = await openDatabase(path);
    expect(await createStore(db).users.count()).toBe(1);
    await db.destroy();
  }, 30_000);
});

describe('the start key', () => {
  test.each(['127.0.0.1', 'localhost', '::1', '127.8.8.8'])(
    'is given in development on %s, another each time',
    async (HOST) => {
      await using place = await opened({ HOST });
      const [first, second] = [await place.open(), await place.open()];
      expect(first.startKey).toMatch(/^sk_[0-9A-Za-z]{40}$/);
      expect(second.startKey).not.toBe(first.startKey);
      const authenticate = (key: string | undefined) =>
        place.identity.authenticator.authenticate({ authorization: `Bearer ${key}`, method: 'GET' });
      expect(await authenticate(second.startKey)).toMatchObject({ userId: 'usr_start', role: 'admin' });
      await expect(authenticate(first.startKey)).rejects.toMatchObject({ code: 'auth.invalid' });
      expect(await place.store.users.count()).toBe(0);
    },
  );

  const PROD = { APP_ENV: 'prod', SECRET_KEY: 'q8'.repeat(20) };
  test.each([
    ['in production', PROD],
    ['on every address', { HOST: '0.0.0.0' }],
    ['on every IPv6 address', { HOST: '::' }],
    ['on an address of a network', { HOST: '192.168.1.10' }],
    ['on a name that is not localhost', { HOST: 'localhost.example.com' }],
    ['with an admin of the settings', ADMIN],
  ])('is not given %s', async (_, env) => {
    await using place = await opened(env);
    expect((await place.open()).startKey).toBeUndefined();
  });

  test('is not given where there is a user', async () => {
    await using place = await opened({});
    await place.identity.users.create(
      { email: 'a@example.com', name: 'A', role: 'viewer', password: 'x'.repeat(10) },
      caller,
    );
    expect((await place.open()).startKey).toBeUndefined();
  });
});
