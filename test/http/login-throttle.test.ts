import { describe, expect, test } from 'bun:test';
import {
  type Answer,
  cookiesOf,
  counted,
  type IdentityApp,
  type KitOptions,
  PASSWORD,
  startIdentity,
} from './identity-kit.ts';

const LIMITED = { LOGIN_MAX_FAILURES: '3', LOGIN_WINDOW_SECONDS: '60' };
const OWNER = 'admin@example.com';
const HOME = '192.0.2.1';
const STRANGER = '198.51.100.7';

const wrong = (app: IdentityApp, address: string, email = OWNER, cookie?: string) =>
  app.call('POST', '/auth/login', {
    body: { email, password: 'wrong password' },
    address,
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  });
const right = (app: IdentityApp, address: string, cookie?: string, email = OWNER) =>
  app.call('POST', '/auth/login', {
    body: { email, password: PASSWORD },
    address,
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  });
const retryAfter = ({ headers }: Answer) => Number(headers.get('retry-after'));
const deviceOf = (answer: Answer) => `reporting_device=${cookiesOf(answer).reporting_device!.value}`;

async function withOwner(options: KitOptions = { env: LIMITED }) {
  const app = await startIdentity(options);
  const { id, headers } = await app.as('admin');
  return { app, id, headers, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

describe('an account from one network', () => {
  test('is closed after its failures, until they leave the window', async () => {
    await using bed = await withOwner();
    const { app } = bed;
    for (let i = 0; i < 3; i++) {
      expect((await wrong(app, `198.51.100.${i}`)).body.code).toBe('auth.invalid');
      app.clock.advanceS(10);
    }
    const refused = await right(app, STRANGER);
    expect(refused.body).toMatchObject({ code: 'auth.throttled', status: 429, limit: 'LOGIN_MAX_FAILURES' });
    expect(refused.body.detail).toContain('30 s');
    expect(retryAfter(refused)).toBe(30);
    expect(await counted(app.metrics, 'logins_total', { outcome: 'throttled' })).toBe(1);
    expect(await counted(app.metrics, 'limits_hit_total', { limit: 'LOGIN_MAX_FAILURES' })).toBe(1);
    app.clock.advanceS(29);
    expect((await right(app, STRANGER)).status).toBe(429);
    app.clock.advanceS(1);
    expect((await right(app, STRANGER)).status).toBe(200);
  });

  test.each([
    ['IPv4', ['203.0.113.9', '203.0.113.200', '203.0.113.9', '203.0.113.1'], '203.0.114.9'],
    [
      'IPv4 in IPv6',
      ['203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9', '::ffff:203.0.113.8'],
      '203.0.112.9',
    ],
    ['IPv6', ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:3', '2001:db8::4'], '2001:db8:0:1::1'],
  ])('is the same from all its addresses (%s), and open from elsewhere', async (_, addresses, elsewhere) => {
    await using bed = await withOwner();
    for (const address of addresses.slice(0, 3)) await wrong(bed.app, address);
    expect((await right(bed.app, addresses[3]!)).status).toBe(429);
    expect((await right(bed.app, elsewhere)).status).toBe(200);
  });

  test('slows down before it closes: the delay grows and says itself', async () => {
    await using bed = await withOwner({ env: { LOGIN_MAX_FAILURES: '8', LOGIN_WINDOW_SECONDS: '300' } });
    const { app } = bed;
    for (let i = 0; i < 3; i++) expect((await wrong(app, STRANGER)).status).toBe(401);
    for (const delay of [1, 2, 4, 8, 16]) {
      const early = await right(app, STRANGER);
      expect([early.status, retryAfter(early)]).toEqual([429, delay]);
      app.clock.advanceS(delay);
      expect((await wrong(app, STRANGER)).status).toBe(401);
    }
    expect(retryAfter(await wrong(app, STRANGER))).toBe(300 - 31);
  });

  test('attempts in parallel do not slip through', async () => {
    await using bed = await withOwner();
    const answers = await Promise.all(Array.from({ length: 12 }, () => wrong(bed.app, STRANGER)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBe(3);
    expect(statuses.filter((status) => status === 429).length).toBe(9);
  });

  test('right sign-ins in parallel are not slowed', async () => {
    await using bed = await withOwner({ env: {} });
    const answers = await Promise.all(Array.from({ length: 8 }, () => right(bed.app, HOME)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  test('right sign-ins never add up, and clear the failures before them', async () => {
    await using bed = await withOwner();
    for (let i = 0; i < 5; i++) expect((await right(bed.app, HOME)).status).toBe(200);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 2; i++) expect((await wrong(bed.app, HOME)).status).toBe(401);
      expect((await right(bed.app, HOME)).status).toBe(200);
    }
  });

  test('an unknown account is closed like a known one', async () => {
    await using bed = await withOwner();
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await wrong(bed.app, STRANGER, 'none@example.com')).body.code);
    expect(codes).toEqual(['auth.invalid', 'auth.invalid', 'auth.invalid', 'auth.throttled']);
  });

  test('failures survive a restart and count for other processes', async () => {
    await using bed = await withOwner();
    for (let i = 0; i < 3; i++) await wrong(bed.app, STRANGER);
    await using restarted = await startIdentity({ env: LIMITED, folder: bed.app.folder });
    expect((await right(restarted, STRANGER)).body.code).toBe('auth.throttled');
  });
});

describe('the owner', () => {
  test('is not kept out by ten wrong passwords of a stranger', async () => {
    await using bed = await withOwner({ env: {} });
    for (let i = 0; i < 10; i++) {
      await wrong(bed.app, STRANGER);
      bed.app.clock.advanceS(16);
    }
    expect((await right(bed.app, STRANGER)).status).toBe(429);
    expect((await right(bed.app, HOME)).status).toBe(200);
  });

  test('comes in from a known device while a distributed attack closes the account to others', async () => {
    await using bed = await withOwner({ env: { LOGIN_ACCOUNT_MAX_FAILURES: '20' } });
    const { app } = bed;
    const device = deviceOf(await right(app, HOME));
    const answers = [];
    for (let i = 0; i < 40; i++) answers.push((await wrong(app, `10.0.${i}.1`)).body);
    expect(answers.filter(({ code }) => code === 'auth.invalid')).toHaveLength(20);
    expect(answers.at(-1)).toMatchObject({ code: 'auth.throttled', limit: 'LOGIN_ACCOUNT_MAX_FAILURES' });
    expect((await right(app, HOME)).status).toBe(429);
    expect((await right(app, HOME, device)).status).toBe(200);
    expect((await right(app, '10.0.3.1', device)).status).toBe(200);
    expect(await counted(app.metrics, 'limits_hit_total', { limit: 'LOGIN_ACCOUNT_MAX_FAILURES' })).toBe(21);
  });

  test('comes in from a known device of a network that is closed', async () => {
    await using bed = await withOwner({ env: { LOGIN_NETWORK_MAX_FAILURES: '5' } });
    const { app } = bed;
    const device = deviceOf(await right(app, HOME));
    for (let i = 0; i < 5; i++) await wrong(app, HOME, `none${i}@example.com`);
    const refused = await right(app, HOME);
    expect(refused.body).toMatchObject({ code: 'auth.throttled', limit: 'LOGIN_NETWORK_MAX_FAILURES' });
    expect((await right(app, HOME, device)).status).toBe(200);
  });

  test('hears of failed sign-ins since the last one', async () => {
    await using bed = await withOwner();
    const { app, id, headers } = bed;
    for (let i = 0; i < 2; i++) {
      app.clock.advanceS(5);
      await wrong(app, STRANGER);
    }
    const failed = { count: 2, lastAt: '2026-03-01T12:00:10.000Z', lastAddress: STRANGER };
    expect((await app.call('GET', '/auth/me', { headers })).body.failedSignIns).toEqual(failed);
    const answer = await right(app, HOME);
    expect(answer.body.failedSignIns).toEqual(failed);
    expect((await right(app, HOME)).body.failedSignIns).toEqual({ count: 0 });
    expect((await app.call('GET', '/auth/me', { headers })).body.failedSignIns).toEqual({ count: 0 });
    const entries = await app.identity.audit.list({ action: 'auth.loginFailed' }, 10);
    expect(entries.map(({ target, address }) => [target, address])).toEqual(Array(2).fill([id, STRANGER]));
    const logins = await app.identity.audit.list({ action: 'auth.login' }, 10);
    expect(logins.map(({ detail }) => detail.failedBefore)).toEqual([undefined, 2, undefined]);
  });
});

describe('a known device', () => {
  test('has a limit of its own', async () => {
    await using bed = await withOwner();
    const device = deviceOf(await right(bed.app, HOME));
    for (let i = 0; i < 3; i++) expect((await wrong(bed.app, HOME, OWNER, device)).status).toBe(401);
    expect((await right(bed.app, STRANGER, device)).status).toBe(429);
    expect((await right(bed.app, HOME)).status).toBe(200);
  });

  test('is not known for another account, nor when it is forged, too old or of another key', async () => {
    await using bed = await withOwner({ env: { ...LIMITED, LOGIN_DEVICE_DAYS: '1' } });
    const { app } = bed;
    await app.as('viewer', 'eve@example.com');
    const own = deviceOf(await right(app, HOME));
    const eves = deviceOf(await right(app, STRANGER, undefined, 'eve@example.com'));
    const close = async () => {
      for (let i = 0; i < 3; i++) await wrong(app, STRANGER);
    };
    await close();
    const [payload, mac] = own.split('.');
    for (const cookie of [
      eves,
      `${payload}.`,
      `${payload}.${mac!.slice(1)}`,
      'reporting_device=~~~',
      `x=${own}`,
    ])
      expect((await right(app, STRANGER, cookie)).status).toBe(429);
    await using other = await startIdentity({ env: LIMITED, folder: app.folder, secretKey: 'z8'.repeat(20) });
    expect((await right(other, STRANGER, own)).status).toBe(429);
    expect((await right(app, STRANGER, own)).status).toBe(200);
    app.clock.advanceS(86_400);
    await close();
    expect((await right(app, STRANGER, own)).status).toBe(429);
  });

  test('is known for several accounts, the last four', async () => {
    await using bed = await withOwner();
    const { app } = bed;
    const emails = [OWNER];
    for (const name of ['ann', 'bob', 'eve', 'joe']) {
      emails.push(`${name}@example.com`);
      await app.as('viewer', emails.at(-1)!);
    }
    let cookie: string | undefined;
    for (const email of emails) cookie = deviceOf(await right(app, HOME, cookie, email));
    expect(cookie!.length).toBeLessThan(1100);
    for (const email of emails) for (let i = 0; i < 3; i++) await wrong(app, STRANGER, email);
    const statuses = [];
    for (const email of emails) statuses.push((await right(app, STRANGER, cookie, email)).status);
    expect(statuses).toEqual([429, 200, 200, 200, 200]);
  });

  test('stays known when it signs out', async () => {
    await using bed = await withOwner();
    const out = await bed.app.call('POST', '/auth/logout', { headers: bed.headers });
    expect(Object.keys(cookiesOf(out))).not.toContain('reporting_device');
  });
});

test('wrong current passwords of one session do not keep others from changing theirs', async () => {
  await using bed = await withOwner();
  const { app, headers } = bed;
  const other = { authorization: `Bearer ${(await right(app, HOME)).body.token}` };
  const change = (by: { authorization: string }, currentPassword: string) =>
    app.call('POST', '/auth/change-password', {
      headers: by,
      body: { currentPassword, newPassword: 'another battery horse' },
    });
  for (let i = 0; i < 3; i++)
    expect((await change(headers, 'wrong password')).body.code).toBe('auth.invalid');
  expect((await change(headers, PASSWORD)).body.code).toBe('auth.throttled');
  expect((await change(other, PASSWORD)).status).toBe(204);
});

test('refused sign-ins do not fill the audit log', async () => {
  await using bed = await withOwner();
  const { app } = bed;
  for (let i = 0; i < 30; i++) await wrong(app, STRANGER);
  const throttled = () => app.identity.audit.list({ action: 'auth.loginThrottled' }, 100);
  expect(await throttled()).toHaveLength(1);
  app.clock.advanceS(59);
  await wrong(app, STRANGER);
  app.clock.advanceS(2);
  for (let i = 0; i < 5; i++) await wrong(app, STRANGER);
  expect(await throttled()).toHaveLength(2);
});

test('counts are removed when they are too old, of unknown accounts too', async () => {
  await using bed = await withOwner();
  const { app } = bed;
  for (let i = 0; i < 20; i++) await wrong(app, `10.0.${i}.1`, `none${i}@example.com`);
  expect(await app.db.selectFrom('login_failures').select('id').execute()).toHaveLength(60);
  const facts = await app.db
    .selectFrom('facts')
    .select('name')
    .where('name', 'like', 'failedSignIns.%')
    .execute();
  expect(facts).toEqual([{ name: 'failedSignIns.unknown' }]);
  app.clock.advanceS(61);
  await wrong(app, STRANGER);
  expect(await app.db.selectFrom('login_failures').select('id').execute()).toHaveLength(3);
  app.clock.advanceS(61);
  await app.identity.sweep();
  expect(await app.db.selectFrom('login_failures').select('id').execute()).toEqual([]);
});
