import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { openService, type TestService, until } from '../support/service-kit.ts';

/** Rows enough for a query that takes a good part of a second. */
const MANY = `SELECT (hash(i) % 1000)::BIGINT AS a, (hash(i * 7) % 100000)::BIGINT AS c FROM range(1000000) t (i)`;
const tile = (n: number, more: object = {}) => ({
  from: { dataset: 'many' },
  dimensions: ['a'],
  measures: [{ agg: 'countDistinct', field: 'c', as: 'd' }],
  where: { field: 'c', op: 'ne', value: -n },
  ...more,
});

/** Takes many seconds. */
const slow = (n: number, more: object = {}) => ({
  from: { dataset: 'many' },
  rows: ['a', 'c'],
  measures: [{ agg: 'median', field: 'a', as: 'm' }],
  totals: { rows: 'all' },
  where: { field: 'c', op: 'ne', value: -n },
  ...more,
});

describe('a page of tiles', () => {
  let service: TestService;
  let bob: TestService['call'];
  beforeAll(async () => {
    service = await openService({
      HEAVY_QUERY_CONCURRENCY: '3',
      USER_QUERY_CONCURRENCY: '2',
      USER_QUERY_QUEUE: '12',
    });
    expect((await service.uploadQuery('many', MANY)).status).toBe(201);
    const user = { email: 'bob@example.com', name: 'bob', role: 'viewer', password: 'password of bob' };
    expect((await service.call('POST', '/api/users', user)).status).toBe(201);
    bob = await service.as('bob@example.com', 'password of bob');
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const ask = (call: TestService['call'], n: number, more: object = {}) =>
    call('POST', '/api/query/spec', tile(n, more));

  test('twelve at once are all answered, load after load', async () => {
    for (let load = 0; load < 3; load++) {
      const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(bob, load * 100 + i)));
      expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
      for (const { json } of answers) expect(json.rows).toHaveLength(1000);
    }
  });

  test('twelve equal ones, and twelve that are known, are answered too', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(bob, 500)));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const again = await Promise.all(Array.from({ length: 12 }, () => ask(bob, 500)));
    expect(again.map(({ json }) => json.meta.cache.hit)).toEqual(Array(12).fill(true));
  });

  test('another user is served before the tiles that wait', async () => {
    const left: number[] = [];
    const tiles = Array.from({ length: 12 }, (_, i) => ask(bob, 1000 + i).then(() => left.push(i)));
    await until(async () => (await service.metric('queries_waiting')) > 0);
    expect((await ask(service.call, 2000)).status).toBe(200);
    expect(left.length).toBeLessThan(12);
    await Promise.all(tiles);
  });

  test('past the queue of a user they are refused by name; the deadline counts the wait', async () => {
    const names = Array.from({ length: 14 }, (_, i) => `slow-${i}`);
    const tiles = names.map((requestId, i) => bob('POST', '/api/query/pivot', slow(i, { requestId })));
    await until(async () => (await service.metric('queries_waiting')) === 12);
    const refused = await ask(bob, 3100);
    expect(refused.json).toMatchObject({ code: 'limit.user', limit: 'USER_QUERY_QUEUE', status: 429 });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await service.metric('limits_hit_total{limit="USER_QUERY_QUEUE"}')).toBe(1);
    expect((await bob('DELETE', '/api/queries/slow-13')).status).toBe(204);
    const late = await ask(bob, 4100, { timeoutS: 0.05 });
    expect(late.json).toMatchObject({ code: 'query.timeout', limit: 'QUERY_TIMEOUT_SECONDS', status: 504 });
    for (const name of names.slice(0, 13)) await bob('DELETE', `/api/queries/${name}`);
    for (const { json } of await Promise.all(tiles)) expect(json.code).toBe('query.cancelled');
  });
});
