import { expect, test } from 'bun:test';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { PASSWORD, startIdentity } from './identity-kit.ts';

test('holds every sign-in and change with who, from where and in which request, and no secret', async () => {
  await using app = await startIdentity({ env: { LOGIN_MAX_FAILURES: '1' } });
  const { id, headers } = await app.as('admin');
  const secret = 'a very secret password';
  const login = (password: string) =>
    app.call('POST', '/auth/login', {
      body: { email: 'eve@example.com', password },
      address: '198.51.100.4',
    });
  await login(secret);
  await login(secret);
  const newcomer = { email: 'new@example.com', name: 'New', role: 'editor', password: secret };
  const made = await app.call('POST', '/users', {
    headers: { ...headers, 'x-request-id': 'r-1' },
    body: newcomer,
  });
  const user = made.body.id;
  await app.call('PATCH', `/users/${user}`, { headers, body: { role: 'viewer', password: `${secret} 2` } });
  await app.call('DELETE', `/users/${user}`, { headers });
  const key = (await app.call('POST', '/api-keys', { headers, body: { name: 'ci', scopes: ['read'] } })).body;
  await app.call('DELETE', `/api-keys/${key.id}`, { headers });
  await app.call('POST', '/auth/change-password', {
    headers,
    body: { currentPassword: PASSWORD, newPassword: secret },
  });
  const answer = await app.call('GET', '/admin/audit', { headers });
  const entries = (answer.body.items as AuditEntry[]).map(({ action, actor, target, address }) => [
    action,
    actor,
    target,
    address,
  ]);
  const here = '203.0.113.1';
  expect(entries).toEqual([
    ['auth.changePassword', id, id, here],
    ['apiKey.revoke', id, key.id, here],
    ['apiKey.create', id, key.id, here],
    ['user.delete', id, user, here],
    ['user.update', id, user, here],
    ['user.create', id, user, here],
    ['auth.loginThrottled', null, null, '198.51.100.4'],
    ['auth.loginFailed', null, null, '198.51.100.4'],
    ['auth.login', id, id, here],
  ]);
  const created = (answer.body.items as AuditEntry[]).find(({ action }) => action === 'user.create');
  expect(created).toMatchObject({
    requestId: 'r-1',
    at: '2026-03-01T12:00:00.000Z',
    detail: { email: 'new@example.com', role: 'editor' },
  });
  for (const forbidden of [secret, PASSWORD, key.key, 'argon2', headers.authorization.slice(7)])
    expect(answer.text).not.toContain(forbidden);
});

test('a detail keeps nothing under the name of a secret', async () => {
  await using app = await startIdentity();
  const caller = { actor: 'x', address: null, requestId: null };
  const detail = {
    password: 'p1',
    apiKey: 'p2',
    nested: { refreshToken: 'p3', dsn: 'p4', list: [{ secret_key: 'p5', kept: 1 }] },
    text: 'y'.repeat(1000),
  };
  await app.identity.audit.record({ action: 'a', detail }, caller);
  const [entry] = await app.identity.audit.list({}, 1);
  expect(entry?.detail).toEqual({ nested: { list: [{ kept: 1 }] }, text: `${'y'.repeat(500)}…` });
});

test('filters and pages, newest first', async () => {
  await using app = await startIdentity();
  const { id, headers } = await app.as('admin');
  const caller = { actor: 'usr_other', address: null, requestId: null };
  for (let i = 0; i < 5; i++) {
    app.clock.advanceS(3600);
    await app.identity.audit.record({ action: i % 2 ? 'odd' : 'even', target: String(i) }, caller);
  }
  const targets = async (query: string) => {
    const { body } = await app.call('GET', `/admin/audit?${query}`, { headers });
    return body.items.map(({ target }: AuditEntry) => target);
  };
  const all = [...'43210', id];
  app.clock.ms -= 5 * 3600 * 1000;
  expect(await targets('')).toEqual(all);
  expect(await targets('action=odd')).toEqual(['3', '1']);
  expect(await targets('action=nothing')).toEqual([]);
  expect(await targets('actor=usr_other&action=even')).toEqual(['4', '2', '0']);
  expect(await targets('from=2026-03-01T15:00:00Z')).toEqual(['4', '3', '2']);
  expect(await targets('to=2026-03-01T15:00:00Z&actor=usr_other')).toEqual(['1', '0']);
  expect(await targets('from=2026-03-01T16:00:00%2B01:00&to=2026-03-01T16:00:00Z')).toEqual(['2']);
  expect(await targets('from=2026-03-02')).toEqual([]);
  const first = await app.call('GET', '/admin/audit?limit=4', { headers });
  expect(first.body.items.length).toBe(4);
  expect(await targets(`limit=4&cursor=${first.body.nextCursor}`)).toEqual(all.slice(4));
});

test('refuses bad filters, and everyone but admins', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('admin');
  const faults = [
    ['from=yesterday', '/from'],
    ['to=2026-02-30T99:00:00Z', '/to'],
    ['from=2026-03-01T10:00:00', '/from'],
    ['who=x', '/who'],
    ['action=', '/action'],
    ['cursor=eA', '/cursor'],
    ['limit=1e2', '/limit'],
  ];
  for (const [query, pointer] of faults)
    expect((await app.call('GET', `/admin/audit?${query}`, { headers })).body).toMatchObject({
      code: 'request.invalid',
      pointer,
    });
  const viewer = await app.as('viewer');
  expect((await app.call('GET', '/admin/audit', { headers: viewer.headers })).body.code).toBe(
    'auth.forbidden',
  );
  expect((await app.call('GET', '/admin/audit')).body.code).toBe('auth.required');
});

test('what is older than AUDIT_DAYS goes, with ended sessions and old failures', async () => {
  await using app = await startIdentity({ env: { AUDIT_DAYS: '30', SESSION_DAYS: '20' } });
  await app.as('admin');
  await app.call('POST', '/auth/login', { body: { email: 'eve@example.com', password: 'wrong password' } });
  app.clock.advanceS(29 * 86_400);
  await app.identity.audit.record({ action: 'late' }, { actor: null, address: null, requestId: null });
  await app.identity.sweep();
  expect((await app.identity.audit.list({}, 10)).length).toBe(3);
  app.clock.advanceS(2 * 86_400);
  await app.identity.sweep();
  expect((await app.identity.audit.list({}, 10)).map(({ action }) => action)).toEqual(['late']);
  expect(await app.db.selectFrom('sessions').select('id').execute()).toEqual([]);
  expect(await app.db.selectFrom('login_failures').select('id').execute()).toEqual([]);
});
