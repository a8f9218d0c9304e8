import { expect, test } from 'bun:test';
import { counted, PASSWORD, startIdentity } from './identity-kit.ts';

const LIMITED = { LOGIN_MAX_FAILURES: '3', LOGIN_WINDOW_SECONDS: '60' };
const wrong = (email: string) => ({ email, password: 'wrong password' });

test('an account is closed after its failures, from any address, until they leave the window', async () => {
  await using app = await startIdentity({ env: LIMITED });
  const { email } = await app.as('admin');
  for (let i = 0; i < 3; i++) {
    const answer = await app.call('POST', '/auth/login', { body: wrong(email), address: `198.51.100.${i}` });
    expect(answer.body.code).toBe('auth.invalid');
    app.clock.advanceS(10);
  }
  const right = { body: { email: email.toUpperCase(), password: PASSWORD }, address: '192.0.2.1' };
  const refused = await app.call('POST', '/auth/login', right);
  expect(refused.body).toMatchObject({ code: 'auth.throttled', status: 429 });
  expect(refused.headers.get('retry-after')).toBe('30');
  expect(await counted(app.metrics, 'logins_total', { outcome: 'throttled' })).toBe(1);
  expect(await counted(app.metrics, 'limits_hit_total', { limit: 'LOGIN_MAX_FAILURES' })).toBe(1);
  app.clock.advanceS(29);
  expect((await app.call('POST', '/auth/login', right)).status).toBe(429);
  app.clock.advanceS(1);
  expect((await app.call('POST', '/auth/login', right)).status).toBe(200);
});

test.each([
  ['IPv4', ['203.0.113.9', '203.0.113.9', '203.0.113.9', '203.0.113.9'], '203.0.113.8'],
  ['IPv4 in IPv6', ['203.0.113.9', '::ffff:203.0.113.9', '203.0.113.9', '::ffff:203.0.113.9'], '203.0.113.8'],
  [
    'IPv6 of one network',
    ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:3', '2001:db8::4'],
    '2001:db8:0:1::1',
  ],
])('an address is closed after its failures with any account (%s)', async (_, addresses, elsewhere) => {
  await using app = await startIdentity({ env: LIMITED });
  const { email } = await app.as('admin');
  for (const [i, address] of addresses.slice(0, 3).entries())
    await app.call('POST', '/auth/login', { body: wrong(`nobody${i}@example.com`), address });
  const right = { body: { email, password: PASSWORD } };
  expect((await app.call('POST', '/auth/login', { ...right, address: addresses[3]! })).status).toBe(429);
  expect((await app.call('POST', '/auth/login', { ...right, address: elsewhere })).status).toBe(200);
});

test('attempts in parallel do not slip through', async () => {
  await using app = await startIdentity({ env: LIMITED });
  const { email } = await app.as('admin');
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => app.call('POST', '/auth/login', { body: wrong(email) })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401).length).toBe(3);
  expect(statuses.filter((status) => status === 429).length).toBe(9);
});

test('failures survive a restart and count for other processes', async () => {
  await using app = await startIdentity({ env: LIMITED });
  const { email } = await app.as('admin');
  for (let i = 0; i < 3; i++) await app.call('POST', '/auth/login', { body: wrong(email) });
  await using restarted = await startIdentity({ env: LIMITED, folder: app.folder });
  const answer = await restarted.call('POST', '/auth/login', { body: { email, password: PASSWORD } });
  expect(answer.body.code).toBe('auth.throttled');
});

test('right sign-ins never add up, and clear the failures of the account', async () => {
  await using app = await startIdentity({ env: LIMITED });
  const { email } = await app.as('admin');
  const right = { body: { email, password: PASSWORD } };
  for (let i = 0; i < 5; i++) expect((await app.call('POST', '/auth/login', right)).status).toBe(200);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 2; i++)
      await app.call('POST', '/auth/login', { body: wrong(email), address: `198.51.100.${round * 2 + i}` });
    expect((await app.call('POST', '/auth/login', right)).status).toBe(200);
  }
});

test('an unknown account is closed like a known one', async () => {
  await using app = await startIdentity({ env: LIMITED });
  const codes = [];
  for (let i = 0; i < 4; i++) {
    const call = { body: wrong('nobody@example.com'), address: `198.51.100.${i}` };
    codes.push((await app.call('POST', '/auth/login', call)).body.code);
  }
  expect(codes).toEqual(['auth.invalid', 'auth.invalid', 'auth.invalid', 'auth.throttled']);
});
