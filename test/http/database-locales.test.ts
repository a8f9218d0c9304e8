import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

let server: TestServer;
let service: TestService;
beforeAll(async () => {
  server = await startPostgres();
  const make = (name: string, how: string) =>
    server.admin(`CREATE DATABASE ${name} TEMPLATE template0 ${how}`, 'postgres');
  make('plain', "LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'");
  make('latin', "LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'LATIN1'");
  for (const name of ['shop', 'plain', 'latin'])
    server.admin(
      `CREATE TABLE words (n integer, s text); INSERT INTO words VALUES (1, U&'caf\\00E9'), (2, U&'CAF\\00C9'), (3, 'cafe')`,
      name,
    );
  service = await openService();
  for (const database of ['shop', 'plain', 'latin']) {
    const { user, password, host, port } = server;
    const settings = { user, password, host, port, database };
    const made = await service.call('POST', '/api/datasources', {
      name: database,
      type: 'postgres',
      settings,
    });
    expect(made.status).toBe(201);
  }
}, 60_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const found = async (datasource: string, where: unknown) => {
  const spec = { from: { datasource, table: 'words' }, dimensions: ['n'], where };
  const { json } = await service.call('POST', '/api/query/spec', spec);
  return json.code ?? json.rows.map(([n]: number[]) => n);
};

test.each(['shop', 'plain', 'latin'])(
  'a search in %s ignores the case of every letter',
  async (datasource) => {
    expect(await found(datasource, { field: 's', op: 'contains', value: 'CAFÉ' })).toEqual([1, 2]);
    expect(await found(datasource, { field: 's', op: 'startsWith', value: 'café' })).toEqual([1, 2]);
    expect(await found(datasource, { field: 's', op: 'matches', value: '^caf[é]$' })).toEqual([1, 2]);
    expect(await found(datasource, { field: 's', op: 'eq', value: 'café' })).toEqual([1]);
    const distinct = { from: { datasource, table: 'words' }, field: 's', search: 'É' };
    const { json } = await service.call('POST', '/api/query/distinct', distinct);
    expect(json.rows).toEqual([
      ['CAFÉ', 1],
      ['café', 1],
    ]);
  },
);

test('the test of a datasource says what its database does not know', async () => {
  const warnings = async (name: string) =>
    (await service.call('POST', `/api/datasources/${name}/test`)).json.warnings.join(' ');
  expect(await warnings('shop')).not.toMatch(/ASCII|UTF-8/);
  expect(await warnings('plain')).toMatch(/lower and upper .* only the letters of ASCII/);
  expect(await warnings('plain')).not.toContain('encoding');
  expect(await warnings('latin')).toContain("The database's encoding is not UTF-8");
});

test('a character that the encoding lacks is refused in words', async () => {
  const spec = {
    from: { datasource: 'latin', table: 'words' },
    dimensions: ['n'],
    where: { field: 's', op: 'eq', value: '日本' },
  };
  const { status, json } = await service.call('POST', '/api/query/spec', spec);
  expect(json.detail).toContain("A text has a character that the database's encoding lacks");
  expect(status).toBe(422);
});
