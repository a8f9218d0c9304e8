import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService, until } from '../support/service-kit.ts';

/** The most rows that a sheet of a spreadsheet takes, and some. */
const ROWS = 1_048_576 + 9;

let service: TestService;
let server: TestServer;
beforeAll(async () => {
  [service, server] = await Promise.all([openService(), startPostgres()]);
  const made = await service.uploadQuery('many', `SELECT i AS n, i % 97 AS d FROM range(${ROWS}) t(i)`);
  expect(made.status).toBe(201);
  const { user, password, host, port, database } = server;
  server.admin('CREATE TABLE numbers AS SELECT n::integer FROM generate_series(0, 299999) n', database);
  const dsn = `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const source = await service.call('POST', '/api/datasources', { name: 'erp', type: 'postgres', dsn });
  expect(source.status).toBe(201);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('a file has each of its rows, past those of a sheet too', async () => {
  const { text } = await service.call('POST', '/api/query/spec?format=csv', {
    from: { dataset: 'many' },
    dimensions: ['n'],
    measures: [{ agg: 'sum', field: 'd', as: 'd' }],
  });
  const lines = text.split('\r\n');
  expect([lines.length, lines[0], lines[1], lines.at(-2), lines.at(-1)]).toEqual([
    ROWS + 2,
    'n,d',
    '0,0',
    `${ROWS - 1},${(ROWS - 1) % 97}`,
    '',
  ]);
  let sum = 0;
  for (const line of lines.slice(1, -1)) sum += Number.parseInt(line, 10);
  expect(sum).toBe((ROWS * (ROWS - 1)) / 2);
});

describe('an error is never written into a file', () => {
  const bad = (at: number) => `CAST(CASE WHEN n = ${at} THEN 'bad' ELSE '1' END AS integer) AS v`;
  const divided = (at: number) => `7 / (n - ${at}) AS v`;

  test.each([
    ['at its first row', { sql: `SELECT n, ${bad(0)} FROM many` }],
    ['at its last row', { sql: `SELECT n, ${bad(ROWS - 1)} FROM many` }],
    ['in a database', { datasource: 'erp', sql: `SELECT n, ${divided(0)} FROM numbers` }],
  ])('that fails before its first byte: a problem (%s)', async (_, body) => {
    const answer = await service.call('POST', '/api/query?format=csv', body);
    expect(answer.json).toMatchObject({ code: 'query.failed', status: 422 });
    expect(answer.headers.get('content-disposition')).toBeNull();
    expect(answer.text).not.toContain('bad');
  });

  test('that fails after it: the connection breaks off, and the log says why', async () => {
    const body = { datasource: 'erp', sql: `SELECT n, ${divided(290_000)} FROM numbers` };
    const answer = service.call('POST', '/api/query?format=csv', body, {
      headers: { 'x-request-id': 'torn' },
    });
    expect(await answer.catch((error: Error) => error.message)).toContain('closed unexpectedly');
    const said = () => service.logged.find((line) => line.includes('http.brokenOff'));
    await until(() => said() !== undefined);
    expect(JSON.parse(said()!)).toMatchObject({
      level: 'warning',
      requestId: 'torn',
      route: '/api/query',
      code: 'query.failed',
    });
    expect(said()).not.toContain('numbers');
  });
});
