import { expect, test } from 'bun:test';
import { ADMIN, Cluster } from './cluster.ts';

const ENV = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, WEB_CONCURRENCY: '2' };

/** One sign-in on a connection of its own, so that any of the processes may take it. */
const signIn = (url: string, password: string, from: string, cookie = '') =>
  fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      connection: 'close',
      ...(cookie ? { cookie } : {}),
    },
    body: JSON.stringify({ email: ADMIN.email, password }),
  });

test('processes count failed sign-ins together, by the address that a trusted proxy tells', async () => {
  await using cluster = await Cluster.start(ENV);
  const first = await signIn(cluster.url, ADMIN.password, '192.0.2.10');
  expect(first.status).toBe(200);
  const device = first.headers.getSetCookie().find((line) => line.startsWith('reporting_device='))!;
  const strangers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => signIn(cluster.url, 'wrong password', `198.51.100.${i}`)),
  );
  const statuses = strangers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  for (const { status, headers } of strangers)
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);

  expect((await signIn(cluster.url, ADMIN.password, '198.51.100.200')).status).toBe(429);
  const owner = await signIn(cluster.url, ADMIN.password, '192.0.2.10');
  expect(owner.status).toBe(200);
  expect((await owner.json()) as object).toMatchObject({ failedSignIns: { count: 10 } });
  const known = await signIn(cluster.url, ADMIN.password, '198.51.100.200', device.split(';')[0]);
  expect(known.status).toBe(200);
});
