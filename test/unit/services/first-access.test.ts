import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createIdentity, openFirstAccess } from '../../../src/services/identity.ts';
import { createStore } from '../../../src/store/store.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { eachStore, type OpenStore } from '../../support/metadata-stores.ts';

const ADMIN = { ADMIN_EMAIL: 'Boss@Example.com', ADMIN_PASSWORD: 'first admin password' };
const caller = { actor: 'test', address: null, requestId: null };

async function openedIn(open: OpenStore, env: Record<string, string>) {
  const place = await open();
  const store = createStore(place.db);
  const config = readConfig(env);
  const deps = { store, clock: systemClock, metrics: createMetrics(), log: silentLog, options: config };
  const identity = createIdentity({ ...deps, secretKey: 's'.repeat(32) });
  return {
    store,
    identity,
    open: () => openFirstAccess(identity, store, config),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

eachStore((_, open, place) => {
  const opened = (env: Record<string, string>) => openedIn(open, env);

  describe('the first admin', () => {
    test('is made from the settings, once', async () => {
      await using at = await opened(ADMIN);
      expect(await at.open()).toEqual({ madeAdmin: true, startKey: undefined });
      expect(await at.open()).toEqual({ madeAdmin: false, startKey: undefined });
      const [user, ...more] = await at.identity.users.list(10);
      expect(user).toMatchObject({ email: 'boss@example.com', role: 'admin', disabled: false });
      expect(more).toEqual([]);
      const [entry] = await at.identity.audit.list({}, 10);
      expect(entry).toMatchObject({ actor: 'system', action: 'user.create', target: user!.id });
      const origin = { ...caller, address: '127.0.0.1' };
      const login = { email: 'boss@example.com', password: ADMIN.ADMIN_PASSWORD };
      expect((await at.identity.signIn.login(login, '', origin)).user.id).toBe(user!.id);
    });

    test('is not made where there is a user', async () => {
      await using at = await opened(ADMIN);
      await at.identity.users.create(
        { email: 'a@example.com', name: 'A', role: 'viewer', password: 'x'.repeat(10) },
        caller,
      );
      expect((await at.open()).madeAdmin).toBe(false);
      expect(await at.store.users.count()).toBe(1);
    });

    test('has a password of at most 200 characters', async () => {
      await using at = await opened({ ...ADMIN, ADMIN_PASSWORD: 'x'.repeat(201) });
      await expect(at.open()).rejects.toMatchObject({ code: 'request.invalid', pointer: '/ADMIN_PASSWORD' });
    });

    test('is one, though two processes start at once', async () => {
      await using empty = await place();
      const script = join(import.meta.dir, 'first-admin.child.ts');
      const outputs = await Promise.all(
        ['one@example.com', 'two@example.com'].map(async (email) => {
          const child = Bun.spawn([process.execPath, script, empty.path, email], {
            stdout: 'pipe',
            stderr: 'inherit',
          });
          const text = await new Response(child.stdout).text();
          expect(await child.exited).toBe(0);
          return JSON.parse(text).madeAdmin;
        }),
      );
      expect(outputs.sort()).toEqual([false, true]);
      expect(empty.look('select count(*) from users')).toEqual(['1']);
    }, 30_000);
  });

  describe('the start key', () => {
    test.each(['127.0.0.1', 'localhost', '::1', '127.8.8.8'])(
      'is given in development on %s, another each time',
      async (HOST) => {
        await using at = await opened({ HOST });
        const [first, second] = [await at.open(), await at.open()];
        expect(first.startKey).toMatch(/^sk_[0-9A-Za-z]{40}$/);
        expect(second.startKey).not.toBe(first.startKey);
        const authenticate = (key: string | undefined) =>
          at.identity.authenticator.authenticate({ authorization: `Bearer ${key}`, method: 'GET' });
        expect(await authenticate(second.startKey)).toMatchObject({ userId: 'usr_start', role: 'admin' });
        await expect(authenticate(first.startKey)).rejects.toMatchObject({ code: 'auth.invalid' });
        expect(await at.store.users.count()).toBe(0);
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
      await using at = await opened(env);
      expect((await at.open()).startKey).toBeUndefined();
    });

    test('is not given where there is a user', async () => {
      await using at = await opened({});
      await at.identity.users.create(
        { email: 'a@example.com', name: 'A', role: 'viewer', password: 'x'.repeat(10) },
        caller,
      );
      expect((await at.open()).startKey).toBeUndefined();
    });
  });
});
