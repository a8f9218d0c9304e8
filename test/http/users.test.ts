import { describe, expect, test } from 'bun:test';
import { startIdentity } from './identity-kit.ts';

const ANN = { email: 'Ann@Example.com', name: 'Ann', role: 'editor', password: 'long enough 1' };

test('users are made, read, changed and removed by an admin', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('admin');
  const made = await app.call('POST', '/users', { headers, body: ANN });
  expect(made.body).toEqual({
    id: expect.stringMatching(/^usr_/),
    email: 'ann@example.com',
    name: 'Ann',
    role: 'editor',
    disabled: false,
    createdAt: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-01T12:00:00.000Z',
  });
  expect(made.status).toBe(201);
  const at = `/users/${made.body.id}`;
  expect(made.headers.get('location')).toBe(`/api${at}`);
  expect((await app.call('GET', at, { headers })).body).toEqual(made.body);
  app.clock.advanceS(60);
  const changed = await app.call('PATCH', at, { headers, body: { name: 'Anna', role: 'viewer' } });
  expect(changed.body).toEqual({
    ...made.body,
    name: 'Anna',
    role: 'viewer',
    updatedAt: '2026-03-01T12:01:00.000Z',
  });
  expect((await app.call('DELETE', at, { headers })).status).toBe(204);
  expect((await app.call('GET', at, { headers })).body.code).toBe('resource.notFound');
  expect((await app.call('DELETE', at, { headers })).body.code).toBe('resource.notFound');
  expect((await app.call('PATCH', at, { headers, body: { name: 'x' } })).body.code).toBe('resource.notFound');
});

test('a password given by an admin ends the sessions of that user', async () => {
  await using app = await startIdentity();
  const admin = await app.as('admin');
  const editor = await app.as('editor');
  const body = { password: 'given by the admin' };
  expect((await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body })).status).toBe(200);
  expect((await app.call('GET', '/auth/me', { headers: editor.headers })).status).toBe(401);
  const again = await app.call('POST', '/auth/login', { body: { email: editor.email, ...body } });
  expect(again.status).toBe(200);
});

test('removing a user ends sessions and keys', async () => {
  await using app = await startIdentity();
  const admin = await app.as('admin');
  const editor = await app.as('editor');
  const body = { name: 'k', scopes: ['read'] };
  const { key } = (await app.call('POST', '/api-keys', { headers: editor.headers, body })).body;
  expect((await app.call('GET', '/auth/me', { headers: { 'x-api-key': key } })).status).toBe(200);
  await app.call('DELETE', `/users/${editor.id}`, { headers: admin.headers });
  expect((await app.call('GET', '/auth/me', { headers: { 'x-api-key': key } })).status).toBe(401);
  expect((await app.call('GET', '/auth/me', { headers: editor.headers })).status).toBe(401);
});

test.each(['viewer', 'editor'] as const)('a %s may do nothing here', async (role) => {
  await using app = await startIdentity();
  const { id, headers } = await app.as(role);
  const calls = [
    ['GET', '/users', undefined],
    ['POST', '/users', ANN],
    ['GET', `/users/${id}`, undefined],
    ['PATCH', `/users/${id}`, { role: 'admin' }],
    ['DELETE', `/users/${id}`, undefined],
  ] as const;
  for (const [method, path, body] of calls) {
    const answer = await app.call(method, path, { headers, body });
    expect(answer.body).toMatchObject({ code: 'auth.forbidden', scope: 'admin' });
    expect(answer.text).not.toContain('example.com');
    expect((await app.call(method, path, { body })).body.code).toBe('auth.required');
  }
});

describe('the e-mail address is unique', () => {
  test.each([
    ['in another case', 'ANN@example.COM'],
    ['with spaces around', ' ann@example.com '],
    ['in wide letters', 'ａｎｎ@example.com'],
  ])('%s', async (_, email) => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    await app.call('POST', '/users', { headers, body: ANN });
    const answer = await app.call('POST', '/users', { headers, body: { ...ANN, email } });
    expect(answer.body).toMatchObject({ code: 'resource.conflict', status: 409, pointer: '/email' });
  });

  test('with accents composed or not', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    const [composed, apart] = ['é', 'e\u0301'].map((letter) => ({
      ...ANN,
      email: `rem${letter}@example.com`,
    }));
    expect((await app.call('POST', '/users', { headers, body: composed })).status).toBe(201);
    expect((await app.call('POST', '/users', { headers, body: apart })).status).toBe(409);
  });

  test('of requests at once, one makes the user', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    const answers = await Promise.all(
      [1, 2, 3].map(() => app.call('POST', '/users', { headers, body: ANN })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe('the last enabled admin', () => {
  test.each([
    ['is not removed', 'DELETE', undefined],
    ['is not disabled', 'PATCH', { disabled: true }],
    ['is not demoted', 'PATCH', { role: 'viewer' }],
  ])('%s', async (_, method, body) => {
    await using app = await startIdentity();
    const { id, headers } = await app.as('admin');
    const idle = await app.as('admin', 'idle@example.com');
    await app.call('PATCH', `/users/${idle.id}`, { headers, body: { disabled: true } });
    const answer = await app.call(method, `/users/${id}`, { headers, body });
    expect(answer.body).toMatchObject({ code: 'resource.conflict', status: 409, reason: 'lastAdmin' });
    expect(await app.identity.users.get(id)).toMatchObject({ role: 'admin', disabled: false });
    await app.call('PATCH', `/users/${idle.id}`, { headers, body: { disabled: false } });
    expect((await app.call(method, `/users/${id}`, { headers, body })).status).toBeLessThan(300);
  });

  test('two admins who demote each other at once do not both succeed', async () => {
    await using app = await startIdentity();
    const [a, b] = [await app.as('admin'), await app.as('admin', 'b@example.com')];
    const body = { role: 'viewer' };
    await Promise.all([
      app.call('PATCH', `/users/${b.id}`, { headers: a.headers, body }),
      app.call('PATCH', `/users/${a.id}`, { headers: b.headers, body }),
    ]);
    const users = await app.identity.users.list(10);
    expect(users.filter(({ role }) => role === 'admin').length).toBe(1);
  });

  test('may change name and password', async () => {
    await using app = await startIdentity();
    const { id, headers } = await app.as('admin');
    const body = { name: 'Boss', password: 'another long one' };
    expect((await app.call('PATCH', `/users/${id}`, { headers, body })).body.name).toBe('Boss');
    expect((await app.call('GET', '/auth/me', { headers })).status).toBe(200);
  });
});

const faulty: [name: string, method: string, body: unknown, pointer: string][] = [
  ['no fields', 'POST', {}, ''],
  ['an unknown field', 'POST', { ...ANN, passwordHash: 'x' }, '/passwordHash'],
  ['an unknown role', 'POST', { ...ANN, role: 'root' }, '/role'],
  ['a short password', 'POST', { ...ANN, password: 'short' }, '/password'],
  ['a long password', 'POST', { ...ANN, password: 'x'.repeat(201) }, '/password'],
  ['an empty name', 'POST', { ...ANN, name: '' }, '/name'],
  ['a name with a control character', 'POST', { ...ANN, name: 'a\u0007b' }, '/name'],
  ['a name that is a number', 'POST', { ...ANN, name: 7 }, '/name'],
  ['an address past 254 characters', 'POST', { ...ANN, email: `${'a'.repeat(250)}@b.example` }, '/email'],
  ['an empty change', 'PATCH', {}, ''],
  ['a change of the address', 'PATCH', { email: 'b@example.com' }, '/email'],
  ['a change of the id', 'PATCH', { id: 'usr_x' }, '/id'],
  ['disabled as text', 'PATCH', { disabled: 'yes' }, '/disabled'],
  ['null for a role', 'PATCH', { role: null }, '/role'],
];
test.each(faulty)('%s is refused', async (_, method, body, pointer) => {
  await using app = await startIdentity();
  const { id, headers } = await app.as('admin');
  const answer = await app.call(method, method === 'POST' ? '/users' : `/users/${id}`, { headers, body });
  expect(answer.body).toMatchObject({ code: 'request.invalid', status: 400, pointer });
  expect(await app.store.users.count()).toBe(1);
});

test('the list pages in order, and refuses what is no page', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('admin');
  for (const letter of 'bcde') {
    app.clock.advanceS(1);
    await app.as('viewer', `${letter}@example.com`);
  }
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { body } = await app.call('GET', `/users?limit=2${cursor && `&cursor=${cursor}`}`, { headers });
    seen.push(...body.items.map(({ email }: { email: string }) => email));
    expect(body.items.length).toBeLessThanOrEqual(2);
    cursor = body.nextCursor;
  }
  expect(seen).toEqual(['admin@example.com', ...[...'bcde'].map((letter) => `${letter}@example.com`)]);
  const all = await app.call('GET', '/users', { headers });
  expect(all.body.nextCursor).toBe(null);
  expect(all.text).not.toContain('argon2');
  for (const [query, pointer] of [
    ['limit=0', '/limit'],
    ['limit=501', '/limit'],
    ['limit=x', '/limit'],
    ['limit=1&limit=2', '/limit'],
    ['cursor=zzz', '/cursor'],
    ['page=2', '/page'],
  ]) {
    const answer = await app.call('GET', `/users?${query}`, { headers });
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer, in: 'query' });
  }
});

test('strange ids are not found', async () => {
  await using app = await startIdentity();
  const { headers } = await app.as('admin');
  for (const id of ['%27%20or%201=1', '..%2F..', 'usr_%00', 'é'])
    expect((await app.call('GET', `/users/${id}`, { headers })).body.code).toBe('resource.notFound');
  expect((await app.call('GET', `/users/${'x'.repeat(101)}`, { headers })).body.code).toBe('request.invalid');
});
