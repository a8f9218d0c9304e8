import { afterAll, beforeAll, expect, test } from 'bun:test';
import { openService, type TestService, until } from '../support/service-kit.ts';

/*
 * What stopped the service, or took its memory, when a user with the right to query sent it. Each must fail in words, while the answers of
 * others, readiness and memory stay what they are.
 */

const GB = 2 ** 30;
const DEADLINE_S = 4;

let service: TestService;
let viewer: TestService['call'];

beforeAll(async () => {
  service = await openService({
    DUCKDB_MEMORY_LIMIT: '300MiB',
    QUERY_TIMEOUT_SECONDS: String(DEADLINE_S),
    QUERY_RATE_PER_SEC: '1000',
    QUERY_BURST: '1000',
  });
  await service.uploadQuery(
    'orders',
    "SELECT i, 'r' || (i % 7) AS region, 'aaaa' AS a FROM range(20000) t (i)",
  );
  const made = { email: 'viewer@example.com', name: 'V', role: 'viewer', password: 'password of viewer' };
  expect((await service.call('POST', '/api/users', made)).status).toBe(201);
  viewer = await service.as(made.email, made.password);
}, 60_000);

afterAll(() => service[Symbol.asyncDispose]());

const nested = (depth: number) => {
  let text = 'a';
  for (let i = 0; i < depth; i++) text = `replace(${text}, 'a', 'aaaaaaaaaaaaaaaaaaaaaaaa')`;
  return text;
};
const spec = (expr: string) => ({
  from: { dataset: 'orders' },
  dimensions: [{ expr, as: 'x' }],
  measures: [{ agg: 'count', as: 'n' }],
});
const deep = (count: number) => `repeat('[', ${count}) || repeat(']', ${count})`;
const joins = Array.from({ length: 300 }, (_, n) => `join orders o${n + 1} using (i)`).join(' ');

const ATTACKS: readonly (readonly [name: string, path: string, body: unknown])[] = [
  ['40 arrows', '/api/query', { sql: `select '{}'::json${"->'a'".repeat(40)}` }],
  [
    'from_json over deep structure',
    '/api/query',
    { sql: `select from_json('{}', json_structure(${deep(1000)}))` },
  ],
  [
    'a series without end',
    '/api/query',
    {
      sql: "select length(generate_series(timestamp '0001-01-01', timestamp '9999-12-31', interval 1 microsecond))",
    },
  ],
  ['300 joins', '/api/query', { sql: `select count(*) from orders o0 ${joins}` }],
  ['eight nested replace', '/api/query/spec', spec(nested(8))],
  ['twelve nested replace', '/api/query/spec', spec(nested(12))],
  ['nested replace as SQL', '/api/query', { sql: `select ${nested(12)} from orders` }],
  ['repeat of 300 million', '/api/query', { sql: "select repeat('a', 300000000)" }],
  ...['json_structure', 'json_transform', 'json_merge_patch', 'json_contains'].map(
    (name) =>
      [`${name} of deep text`, '/api/query', { sql: `select ${name}(${deep(20_000)}, '[]')` }] as const,
  ),
  ['two tuples', '/api/query', { sql: 'select row(1,2), (1,2)' }],
  [
    'a cube of 20',
    '/api/query',
    {
      sql: `select count(*) from orders group by cube (${Array.from({ length: 20 }, (_, n) => `i % ${n + 2}`).join(', ')})`,
    },
  ],
  [
    'a deep regular expression',
    '/api/query',
    { sql: `select regexp_matches(region, '${'('.repeat(2000)}${')'.repeat(2000)}') from orders` },
  ],
  [
    'a cross join without end',
    '/api/query',
    { sql: 'select count(*) from orders a, orders b, orders c, orders d where a.i + b.i + c.i + d.i = -1' },
  ],
];

/** Resident bytes of the service and its engine processes. */
async function resident(): Promise<number> {
  const { json } = await service.call('GET', '/api/admin/stats');
  return (json.engines.processes as { rssBytes: number }[]).reduce(
    (sum, { rssBytes }) => sum + rssBytes,
    json.memory.rss,
  );
}

test.each(ATTACKS)('%s fails in words and disturbs no other user', async (_, path, body) => {
  let isOver = false;
  const attacks = Promise.all([viewer('POST', path, body), viewer('POST', path, body)]).finally(() => {
    isOver = true;
  });
  let slowestMs = 0;
  for (let n = 0; n < 3 || !isOver; n++) {
    const started = performance.now();
    const asked = { ...spec('region'), limit: 10 + (n % 50) };
    const fresh = { headers: { 'cache-control': 'no-cache' } };
    const [mine, sql, ready] = await Promise.all([
      service.call('POST', '/api/query/spec', asked, fresh),
      service.call('POST', '/api/query', { sql: `select count(*) as n, ${n} as k from orders` }, fresh),
      service.call('GET', '/api/readyz'),
    ]);
    expect([mine.status, sql.status, ready.status]).toEqual([200, 200, 200]);
    expect(sql.json.rows).toEqual([[20_000, n]]);
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  for (const { status, json } of await attacks) {
    expect([400, 403, 413, 422, 504]).toContain(status);
    expect(json.detail).toMatch(/\w+ \w+ \w+/);
  }
  expect(slowestMs).toBeLessThan(10_000);
});

test('afterwards memory is back, nothing runs, and the process never changed', async () => {
  const { json } = await service.call('GET', '/api/queries');
  expect((json.items as { state: string }[]).filter(({ state }) => state === 'running')).toEqual([]);
  await until(async () => (await resident()) < 1.5 * GB);
});
