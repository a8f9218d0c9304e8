import { describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { cookiesOf, counted, PASSWORD, SECRET, startIdentity } from './identity-kit.ts';

const EMAIL = 'admin@example.com';
const login = { body: { email: EMAIL, password: PASSWORD } };

describe('login', () => {
  test('answers token, expiry and user, and sets the cookies', async () => {
    await using app = await startIdentity();
    const { id } = await app.as('admin');
    const answer = await app.call('POST', '/auth/login', {
      body: { email: ' ADMIN@Example.com ', password: PASSWORD },
    });
    expect(answer.body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]{43}$/),
      expiresAt: '2026-03-01T13:00:00.000Z',
      user: { id, email: EMAIL, name: 'admin', role: 'admin' },
      failedSignIns: { count: 0 },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const cookies = cookiesOf(answer);
    expect(cookies.reporting_session?.attributes).toBe('Path=/; Max-Age=3600; SameSite=Lax; HttpOnly');
    expect(cookies.reporting_csrf?.attributes).toBe('Path=/; Max-Age=1209600; SameSite=Lax');
    expect(cookies.reporting_refresh?.attributes).toBe(
      'Path=/api/auth/refresh; Max-Age=1209600; SameSite=Strict; HttpOnly',
    );
    expect(cookies.reporting_device?.attributes).toBe(
      'Path=/api/auth/login; Max-Age=15552000; SameSite=Strict; HttpOnly',
    );
    expect(cookies.reporting_session?.value).toBe(answer.body.token);
    expect(answer.text).not.toContain('argon2');
  });

  test('cookies are Secure when the request came by https', async () => {
    await using app = await startIdentity({ env: { FORWARDED_ALLOW_IPS: '203.0.113.1' } });
    await app.as('admin');
    const answer = await app.call('POST', '/auth/login', {
      ...login,
      headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' },
    });
    for (const { attributes } of Object.values(cookiesOf(answer))) expect(attributes).toContain('; Secure');
  });

  test('a stale cookie or a bad token does not keep anyone from signing in', async () => {
    await using app = await startIdentity();
    await app.as('admin');
    const headers = { cookie: 'reporting_session=gone.gone', authorization: 'Bearer nonsense' };
    expect((await app.call('POST', '/auth/login', { ...login, headers })).status).toBe(200);
  });

  test('an unknown address, a wrong password and a disabled user look the same', async () => {
    await using app = await startIdentity();
    await app.as('admin');
    const gone = await app.as('viewer');
    await app.identity.users.update(
      gone.id,
      { disabled: true },
      { actor: null, address: null, requestId: null },
    );
    const bodies = [
      { email: 'nobody@example.com', password: PASSWORD },
      { email: EMAIL, password: 'wrong password' },
      { email: gone.email, password: PASSWORD },
    ];
    for (const body of bodies) {
      const answer = await app.call('POST', '/auth/login', { body });
      expect(answer.body).toMatchObject({
        code: 'auth.invalid',
        status: 401,
        detail: 'The e-mail address or the password is not right',
      });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await counted(app.metrics, 'logins_total', { outcome: 'failed' })).toBe(3);
  });

  const faulty: [name: string, body: unknown, pointer: string | undefined][] = [
    ['a number for the address', { email: 1, password: PASSWORD }, '/email'],
    ['an address without an @', { email: 'admin', password: PASSWORD }, '/email'],
    ['a wide @ that becomes a second one', { email: 'a＠b@example.com', password: PASSWORD }, '/email'],
    ['control characters', { email: 'a\u0000@example.com', password: PASSWORD }, '/email'],
    ['no password', { email: EMAIL }, ''],
    ['a list for the password', { email: EMAIL, password: [PASSWORD] }, '/password'],
    ['a password past 200 characters', { email: EMAIL, password: 'x'.repeat(201) }, '/password'],
    ['an unknown field', { email: EMAIL, password: PASSWORD, admin: true }, '/admin'],
    ['null', 'null', ''],
    ['a list', [], ''],
  ];
  test.each(faulty)('refuses %s', async (_, body, pointer) => {
    await using app = await startIdentity();
    const answer = await app.call('POST', '/auth/login', { body });
    expect(answer.body).toMatchObject({ code: 'request.invalid', status: 400 });
    expect(answer.body.pointer).toBe(pointer);
    expect(answer.text).not.toContain(PASSWORD);
  });
});

describe('tokens', () => {
  const sign = (payload: string, key: string) =>
    createHmac('sha256', key).update(payload).digest('base64url');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const forgeries: [string, (token: string) => string][] = [
    ['truncated', (token) => token.slice(0, -1)],
    [
      'another spelling of the signature',
      (token) => token.slice(0, -1) + String.fromCharCode(token.charCodeAt(token.length - 1) + 1),
    ],
    ['without signature', (token) => `${token.split('.')[0]}.`],
    ['signature only', (token) => `.${token.split('.')[1]}`],
    [
      'changed claims',
      (token) =>
        `${encode({ ...JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()), session: 'ses_other' })}.${token.split('.')[1]}`,
    ],
    ['signed by another key', (token) => `${token.split('.')[0]}.${sign(token.split('.')[0]!, 'other')}`],
    [
      'signed by the secret itself',
      (token) => `${token.split('.')[0]}.${sign(token.split('.')[0]!, SECRET)}`,
    ],
    ['JWT of algorithm none', (token) => `${encode({ alg: 'none', typ: 'JWT' })}.${token.split('.')[0]}.`],
    ['a third part', (token) => `${token}.x`],
    ['very long', (token) => `${token}${'a'.repeat(5000)}`],
    ['a made-up API key', () => `rk_${'a'.repeat(40)}`],
    ['a made-up start key', () => `sk_${'a'.repeat(40)}`],
  ];
  test.each(forgeries)('a forged one is refused: %s', async (_, forge) => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    const token = headers.authorization.slice('Bearer '.length);
    const answer = await app.call('GET', '/auth/me', {
      headers: { authorization: `Bearer ${forge(token)}` },
    });
    expect(answer.body).toMatchObject({ code: 'auth.invalid', status: 401 });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('other schemes are refused, none at all asks for sign-in', async () => {
    await using app = await startIdentity();
    expect((await app.call('GET', '/auth/me', { headers: { authorization: 'Basic YTpi' } })).body.code).toBe(
      'auth.invalid',
    );
    expect((await app.call('GET', '/auth/me', { headers: { authorization: 'Bearer' } })).body.code).toBe(
      'auth.invalid',
    );
    expect((await app.call('GET', '/auth/me')).body.code).toBe('auth.required');
    expect(
      (await app.call('GET', '/auth/me', { headers: { cookie: 'reporting_session=forged.token' } })).body
        .code,
    ).toBe('auth.required');
  });

  test('one expires after ACCESS_TOKEN_MINUTES, a refresh token is no access token', async () => {
    await using app = await startIdentity({ env: { ACCESS_TOKEN_MINUTES: '5' } });
    const { headers } = await app.as('admin');
    const { reporting_refresh } = cookiesOf(await app.call('POST', '/auth/login', login));
    expect(
      (
        await app.call('GET', '/auth/me', {
          headers: { authorization: `Bearer ${reporting_refresh?.value}` },
        })
      ).status,
    ).toBe(401);
    app.clock.advanceS(299);
    expect((await app.call('GET', '/auth/me', { headers })).status).toBe(200);
    app.clock.advanceS(1);
    expect((await app.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
  });

  test('those of SECRET_KEY_PREVIOUS stay good, those of an older key do not', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    await using rotated = await startIdentity({
      folder: app.folder,
      secretKey: 'n8'.repeat(20),
      env: { SECRET_KEY_PREVIOUS: SECRET },
    });
    expect((await rotated.call('GET', '/auth/me', { headers })).status).toBe(200);
    await using twice = await startIdentity({
      folder: app.folder,
      secretKey: 'm7'.repeat(20),
      env: { SECRET_KEY_PREVIOUS: 'n8'.repeat(20) },
    });
    expect((await twice.call('GET', '/auth/me', { headers })).status).toBe(401);
  });

  test('me says who, how and what for', async () => {
    await using app = await startIdentity();
    const { id, headers } = await app.as('editor');
    const { body } = await app.call('GET', '/auth/me', { headers });
    expect(body).toEqual({
      user: { id, email: 'editor@example.com', name: 'editor', role: 'editor' },
      via: { kind: 'session', id: expect.stringMatching(/^ses_/) },
      failedSignIns: { count: 0 },
      scopes: ['read', 'write'],
    });
  });
});

describe('sessions', () => {
  test('logout ends the session at once and takes the cookies away', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    expect((await app.call('GET', '/auth/me', { headers })).status).toBe(200);
    const answer = await app.call('POST', '/auth/logout', { headers });
    expect(answer.status).toBe(204);
    expect(Object.values(cookiesOf(answer)).map(({ value }) => value)).toEqual(['', '', '']);
    expect((await app.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
  });

  test('another process sees a logout within two seconds', async () => {
    await using app = await startIdentity();
    await using other = await startIdentity({ folder: app.folder });
    const { headers } = await app.as('admin');
    expect((await other.call('GET', '/auth/me', { headers })).status).toBe(200);
    await app.call('POST', '/auth/logout', { headers });
    other.clock.advanceS(2);
    expect((await other.call('GET', '/auth/me', { headers })).status).toBe(401);
  });

  test('a role takes effect at once, and so does being disabled', async () => {
    await using app = await startIdentity();
    const admin = await app.as('admin');
    const editor = await app.as('editor');
    expect((await app.call('GET', '/users', { headers: editor.headers })).status).toBe(403);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { role: 'admin' } });
    expect((await app.call('GET', '/users', { headers: editor.headers })).status).toBe(200);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { disabled: true } });
    expect((await app.call('GET', '/users', { headers: editor.headers })).status).toBe(401);
    await app.call('PATCH', `/users/${editor.id}`, { headers: admin.headers, body: { disabled: false } });
    expect((await app.call('GET', '/users', { headers: editor.headers })).status).toBe(401);
  });

  test('of a disabled user is no good, though nobody revoked it', async () => {
    await using app = await startIdentity();
    const { id, headers } = await app.as('editor');
    await app.store.users.update(id, { disabled: true }, '2026-03-01T12:00:00.000Z');
    expect((await app.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
    expect((await app.call('POST', '/auth/refresh', { headers })).body.code).toBe('auth.invalid');
  });

  test('refresh by the token gives another', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    app.clock.advanceS(3000);
    const { body } = await app.call('POST', '/auth/refresh', { headers });
    expect(body.expiresAt).toBe('2026-03-01T13:50:00.000Z');
    app.clock.advanceS(1000);
    expect((await app.call('POST', '/auth/refresh', { headers })).body.code).toBe('auth.invalid');
    expect(
      (await app.call('GET', '/auth/me', { headers: { authorization: `Bearer ${body.token}` } })).status,
    ).toBe(200);
  });

  test('refresh by the cookie rotates it; an old one ends the session', async () => {
    await using app = await startIdentity();
    await app.as('admin');
    const cookies = cookiesOf(await app.call('POST', '/auth/login', login));
    const csrf = { 'x-csrf-token': cookies.reporting_csrf!.value };
    const refresh = (value: string) =>
      app.call('POST', '/auth/refresh', { headers: { cookie: `a=b; reporting_refresh=${value}`, ...csrf } });
    app.clock.advanceS(7200);
    const second = await refresh(cookies.reporting_refresh!.value);
    expect(second.status).toBe(200);
    const third = await refresh(cookiesOf(second).reporting_refresh!.value);
    expect(third.status).toBe(200);
    const headers = { authorization: `Bearer ${third.body.token}` };
    expect((await app.call('GET', '/auth/me', { headers })).status).toBe(200);
    expect((await refresh(cookies.reporting_refresh!.value)).body.code).toBe('auth.invalid');
    expect((await app.call('GET', '/auth/me', { headers })).body.code).toBe('auth.invalid');
    expect((await refresh(cookiesOf(third).reporting_refresh!.value)).body.code).toBe('auth.invalid');
    expect((await app.store.audit.list({ action: 'auth.refreshReused' }, 10)).length).toBe(1);
  });

  test('of two refreshes at once with one cookie, one is refused', async () => {
    await using app = await startIdentity();
    await app.as('admin');
    const cookies = cookiesOf(await app.call('POST', '/auth/login', login));
    const headers = {
      cookie: `reporting_refresh=${cookies.reporting_refresh!.value}`,
      'x-csrf-token': cookies.reporting_csrf!.value,
    };
    const answers = await Promise.all([1, 2].map(() => app.call('POST', '/auth/refresh', { headers })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test('refresh needs something to go by', async () => {
    await using app = await startIdentity();
    expect((await app.call('POST', '/auth/refresh')).body.code).toBe('auth.required');
    expect(
      (await app.call('POST', '/auth/refresh', { headers: { cookie: 'reporting_refresh=x.y' } })).body.code,
    ).toBe('auth.invalid');
  });

  test('one ends after SESSION_DAYS however often it was refreshed', async () => {
    await using app = await startIdentity({ env: { SESSION_DAYS: '1', ACCESS_TOKEN_MINUTES: '1440' } });
    const { headers } = await app.as('admin');
    app.clock.advanceS(86_000);
    const { body } = await app.call('POST', '/auth/refresh', { headers });
    expect(body.expiresAt).toBe('2026-03-02T12:00:00.000Z');
    app.clock.advanceS(400);
    expect(
      (await app.call('GET', '/auth/me', { headers: { authorization: `Bearer ${body.token}` } })).status,
    ).toBe(401);
  });
});

describe('changes by cookie', () => {
  async function signedIn() {
    const app = await startIdentity();
    await app.as('admin');
    const cookies = cookiesOf(await app.call('POST', '/auth/login', login));
    const cookie = `theme=dark; reporting_session=${cookies.reporting_session!.value}`;
    return { app, cookie, csrf: cookies.reporting_csrf!.value, token: cookies.reporting_session!.value };
  }
  const body = { name: 'key', scopes: ['read'] };

  test('reading needs no CSRF token', async () => {
    const { app, cookie } = await signedIn();
    await using _ = app;
    expect((await app.call('GET', '/auth/me', { headers: { cookie } })).status).toBe(200);
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['wrong', 'x'.repeat(32)],
  ])('a %s CSRF token is refused', async (_, given) => {
    const { app, cookie } = await signedIn();
    await using __ = app;
    const headers = { cookie, ...(given === undefined ? {} : { 'x-csrf-token': given }) };
    const answer = await app.call('POST', '/api-keys', { headers, body });
    expect(answer.body).toMatchObject({ code: 'request.csrf', status: 403 });
    expect(await app.store.apiKeys.count()).toBe(0);
    for (const method of ['PATCH', 'DELETE'])
      expect((await app.call(method, '/api-keys/key_1', { headers })).body.code).toBe('request.csrf');
  });

  test('another session’s CSRF token is refused, the own one is taken, a bearer needs none', async () => {
    const { app, cookie, csrf, token } = await signedIn();
    await using _ = app;
    const other = cookiesOf(await app.call('POST', '/auth/login', login)).reporting_csrf!.value;
    expect(
      (await app.call('POST', '/api-keys', { headers: { cookie, 'x-csrf-token': other }, body })).status,
    ).toBe(403);
    expect(
      (await app.call('POST', '/api-keys', { headers: { cookie, 'x-csrf-token': csrf }, body })).status,
    ).toBe(201);
    expect(
      (await app.call('POST', '/api-keys', { headers: { authorization: `Bearer ${token}` }, body })).status,
    ).toBe(201);
  });

  test('refresh by the cookie needs it too', async () => {
    const { app } = await signedIn();
    await using _ = app;
    const { reporting_refresh } = cookiesOf(await app.call('POST', '/auth/login', login));
    const answer = await app.call('POST', '/auth/refresh', {
      headers: { cookie: `reporting_refresh=${reporting_refresh!.value}` },
    });
    expect(answer.body.code).toBe('request.csrf');
  });
});

describe('change of the password', () => {
  const NEW = 'another long password';
  test('ends the other sessions, keeps this one', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('viewer');
    const other = await app.call('POST', '/auth/login', {
      body: { email: 'viewer@example.com', password: PASSWORD },
    });
    const answer = await app.call('POST', '/auth/change-password', {
      headers,
      body: { currentPassword: PASSWORD, newPassword: NEW },
    });
    expect(answer.status).toBe(204);
    expect((await app.call('GET', '/auth/me', { headers })).status).toBe(200);
    expect(
      (await app.call('GET', '/auth/me', { headers: { authorization: `Bearer ${other.body.token}` } }))
        .status,
    ).toBe(401);
    expect(
      (await app.call('POST', '/auth/login', { body: { email: 'viewer@example.com', password: PASSWORD } }))
        .status,
    ).toBe(401);
    expect(
      (await app.call('POST', '/auth/login', { body: { email: 'viewer@example.com', password: NEW } }))
        .status,
    ).toBe(200);
  });

  test('a wrong current password counts as a failed sign-in', async () => {
    await using app = await startIdentity({ env: { LOGIN_MAX_FAILURES: '2' } });
    const { headers } = await app.as('viewer');
    const change = { headers, body: { currentPassword: 'wrong password', newPassword: NEW } };
    const first = await app.call('POST', '/auth/change-password', change);
    expect(first.body).toMatchObject({ code: 'auth.invalid', pointer: '/currentPassword' });
    await app.call('POST', '/auth/change-password', change);
    expect((await app.call('POST', '/auth/change-password', change)).body.code).toBe('auth.throttled');
  });

  test.each([
    ['short', 'x'.repeat(9)],
    ['long', 'x'.repeat(201)],
  ])('a %s one is refused', async (_, newPassword) => {
    await using app = await startIdentity();
    const { headers } = await app.as('viewer');
    const answer = await app.call('POST', '/auth/change-password', {
      headers,
      body: { currentPassword: PASSWORD, newPassword },
    });
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer: '/newPassword' });
  });

  test('not by an API key', async () => {
    await using app = await startIdentity();
    const { headers } = await app.as('admin');
    const { body } = await app.call('POST', '/api-keys', { headers, body: { name: 'k', scopes: ['admin'] } });
    const answer = await app.call('POST', '/auth/change-password', {
      headers: { 'x-api-key': body.key },
      body: { currentPassword: PASSWORD, newPassword: NEW },
    });
    expect(answer.body.code).toBe('auth.forbidden');
  });
});
