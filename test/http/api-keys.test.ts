import { describe, expect, test } from 'bun:test';
import type { Role, Scope } from '../../src/domain/principal.ts';
import { createStartKey } from '../../src/services/start-key.ts';
import { type IdentityApp, startIdentity } from './identity-kit.ts';

async function makeKey(app: IdentityApp, headers: Record<string, string>, scopes: Scope[], more = {}) {
  const answer = await app.call('POST', '/api-keys', { headers, body: { name: 'ci', scopes, ...more } });
  return answer.body as { id: string; key: string };
}

test('a key is shown once, kept as a hash and works in both headers', async () => {
  await using app = await startIdentity();
  const { id: userId, headers } = await app.as('editor');
  const made = await app.call('POST', '/api-keys', {
    headers,
    body: { name: 'ci', scopes: ['read', 'write'] },
  });
  const { key, ...shown } = made.body;
  expect(key).toMatch(/^rk_[0-9A-Za-z]{40}$/);
  expect(shown).toEqual({
    id: expect.stringMatching(/^key_/),
    userId,
    name: 'ci',
    hint: key.slice(0, 8),
    scopes: ['read', 'write'],
    createdAt: '2026-03-01T12:00:00.000Z',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  });
  expect(made.status).toBe(201);
  for (const credentials of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
    const { body } = await app.call('GET', '/auth/me', { headers: credentials });
    expect(body).toMatchObject({
      via: { kind: 'key', id: shown.id },
      scopes: ['read', 'write'],
      user: { id: userId },
    });
  }
  const list = await app.call('GET', '/api-keys', { headers });
  expect(list.body.items).toEqual([{ ...shown, lastUsedAt: '2026-03-01T12:00:00.000Z' }]);
  expect(list.text).not.toContain(key);
  for (const file of ['meta.sqlite', 'meta.sqlite-wal']) {
    const bytes = Buffer.from(await Bun.file(`${app.folder}/${file}`).arrayBuffer());
    expect(bytes.includes(key)).toBe(false);
  }
});

test('the last use is noted at most once a minute', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('viewer');
  const { id, key } = await makeKey(app, headers, ['read']);
  const seen: (string | null | undefined)[] = [];
  for (const seconds of [0, 30, 29, 2]) {
    app.clock.advanceS(seconds);
    await app.call('GET', '/auth/me', { headers: { 'x-api-key': key } });
    seen.push((await app.store.apiKeys.byId(id))?.lastUsedAt?.slice(14, 19));
  }
  expect(seen).toEqual(['00:00', '00:00', '00:00', '01:01']);
});

describe('scopes', () => {
  const table: [Role, Scope[], number][] = [
    ['viewer', ['read'], 201],
    ['viewer', ['write'], 403],
    ['viewer', ['read', 'admin'], 403],
    ['editor', ['write'], 201],
    ['editor', ['admin'], 403],
    ['admin', ['read', 'write', 'admin'], 201],
  ];
  test.each(table)('a %s asks for %p: %p', async (role, scopes, status) => {
    await using app = await startIdentity();
    const { headers } = await app.as(role);
    const answer = await app.call('POST', '/api-keys', { headers, body: { name: 'k', scopes } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toMatchObject({ code: 'auth.forbidden', pointer: '/scopes' });
  });

  test('are capped by what the owner may do now', async () => {
    await using app = await startIdentity();
    const [admin, editor] = [await app.as('admin'), await app.as('editor')];
    const { key } = await makeKey(app, editor.headers, ['read', 'write']);
    const scopes = async () =>
      (await app.call('GET', '/auth/me', { headers: { 'x-api-key': key } })).body.scopes;
    expect(await scopes()).toEqual(['read', 'write']);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { role: 'viewer' } });
    expect(await scopes()).toEqual(['read']);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { role: 'admin' } });
    expect(await scopes()).toEqual(['read', 'write']);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { disabled: true } });
    expect(await scopes()).toBe(undefined);
  });

  test('a key without admin makes, renames and revokes no keys', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    const { id, key } = await makeKey(app, headers, ['read', 'write']);
    const by = { 'x-api-key': key };
    expect((await app.call('GET', '/users', { headers: by })).body.code).toBe('auth.forbidden');
    expect((await app.call('GET', '/api-keys?all=true', { headers: by })).body.code).toBe('auth.forbidden');
    for (const [method, path, body] of [
      ['POST', '/api-keys', { name: 'k', scopes: ['read'] }],
      ['PATCH', `/api-keys/${id}`, { name: 'x' }],
      ['DELETE', `/api-keys/${id}`, undefined],
    ] as const)
      expect((await app.call(method, path, { headers: by, body })).body.code).toBe('auth.forbidden');
    const strong = await makeKey(app, headers, ['read', 'admin']);
    const answer = await app.call('POST', '/api-keys', {
      headers: { 'x-api-key': strong.key },
      body: { name: 'k', scopes: ['write'] },
    });
    expect(answer.body).toMatchObject({ code: 'auth.forbidden', pointer: '/scopes' });
  });
});

test('a key expires', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('viewer');
  const { key } = await makeKey(app, headers, ['read'], { expiresAt: '2026-03-01T14:00:30+02:00' });
  const me = () => app.call('GET', '/auth/me', { headers: { 'x-api-key': key } });
  app.clock.advanceS(29);
  expect((await me()).status).toBe(200);
  app.clock.advanceS(1);
  expect((await me()).body.code).toBe('auth.invalid');
});

test('a revoked key ends at once, and revoking again changes nothing', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('viewer');
  const { id, key } = await makeKey(app, headers, ['read']);
  const me = () => app.call('GET', '/auth/me', { headers: { 'x-api-key': key } });
  expect((await me()).status).toBe(200);
  expect((await app.call('DELETE', `/api-keys/${id}`, { headers })).status).toBe(204);
  expect((await me()).body.code).toBe('auth.invalid');
  app.clock.advanceS(60);
  expect((await app.call('DELETE', `/api-keys/${id}`, { headers })).status).toBe(204);
  expect((await app.call('GET', `/api-keys/${id}`, { headers })).body.revokedAt).toBe(
    '2026-03-01T12:00:00.000Z',
  );
});

test('others’ keys exist for admins only', async () => {
  await using app = await startIdentity();
  const [admin, editor, viewer] = [await app.as('admin'), await app.as('editor'), await app.as('viewer')];
  const { id } = await makeKey(app, editor.headers, ['read']);
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', { name: 'x' }],
    ['DELETE', undefined],
  ] as const)
    expect((await app.call(method, `/api-keys/${id}`, { headers: viewer.headers, body })).body.code).toBe(
      'resource.notFound',
    );
  expect((await app.call('GET', '/api-keys', { headers: viewer.headers })).body.items).toEqual([]);
  expect((await app.call('GET', '/api-keys', { headers: admin.headers })).body.items).toEqual([]);
  expect((await app.call('GET', '/api-keys?all=true', { headers: viewer.headers })).body.code).toBe(
    'auth.forbidden',
  );
  expect((await app.call('GET', '/api-keys?all=true', { headers: admin.headers })).body.items.length).toBe(1);
  const renamed = await app.call('PATCH', `/api-keys/${id}`, {
    headers: editor.headers,
    body: { name: 'deploy' },
  });
  expect(renamed.body.name).toBe('deploy');
  expect((await app.call('DELETE', `/api-keys/${id}`, { headers: admin.headers })).status).toBe(204);
});

const faulty: [name: string, body: unknown, pointer: string][] = [
  ['no scopes', { name: 'k', scopes: [] }, '/scopes'],
  ['a scope twice', { name: 'k', scopes: ['read', 'read'] }, '/scopes'],
  ['an unknown scope', { name: 'k', scopes: ['root'] }, '/scopes/0'],
  ['scopes as text', { name: 'k', scopes: 'read' }, '/scopes'],
  [
    'a time that has passed',
    { name: 'k', scopes: ['read'], expiresAt: '2026-03-01T12:00:00Z' },
    '/expiresAt',
  ],
  ['a time without a zone', { name: 'k', scopes: ['read'], expiresAt: '2027-01-01T00:00:00' }, '/expiresAt'],
  ['a time that is none', { name: 'k', scopes: ['read'], expiresAt: '2027-13-01T00:00:00Z' }, '/expiresAt'],
  ['words for a time', { name: 'k', scopes: ['read'], expiresAt: 'tomorrow' }, '/expiresAt'],
  ['a number for a time', { name: 'k', scopes: ['read'], expiresAt: 2_000_000_000 }, '/expiresAt'],
  ['an own key', { name: 'k', scopes: ['read'], key: 'rk_mine' }, '/key'],
];
test.each(faulty)('%s: refused', async (_, body, pointer) => {
  await using app = await startIdentity();
  const { headers } = await app.as('admin');
  const answer = await app.call('POST', '/api-keys', { headers, body });
  expect(answer.body).toMatchObject({ code: 'request.invalid', pointer });
  expect(await app.store.apiKeys.count()).toBe(0);
});

test('the start key is an admin of this process, owns nothing and is nobody elsewhere', async () => {
  await using app = await startIdentity();
  await using other = await startIdentity({ folder: app.folder });
  const { text, key } = createStartKey();
  const headers = { authorization: `Bearer ${text}` };
  expect((await app.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
  app.identity.authenticator.acceptStartKey(key);
  expect((await app.call('GET', '/auth/me', { headers })).body).toEqual({
    user: { id: 'usr_start', email: 'start@localhost', name: 'Start key', role: 'admin' },
    via: { kind: 'startKey', id: 'start' },
    scopes: ['read', 'write', 'admin'],
  });
  expect(
    (await app.call('POST', '/api-keys', { headers, body: { name: 'k', scopes: ['read'] } })).body.code,
  ).toBe('auth.forbidden');
  const body = { email: 'a@example.com', name: 'A', role: 'admin', password: 'long enough 1' };
  expect((await app.call('POST', '/users', { headers, body })).status).toBe(201);
  expect((await other.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
  expect(await app.store.users.count()).toBe(1);
});
