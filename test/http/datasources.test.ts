import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/base/errors.ts';
import { VIEWER } from './core-kit.ts';
import { ERP, PASSWORD, SETTINGS, startSources } from './datasources-kit.ts';
import { counted } from './identity-kit.ts';

describe('datasources', () => {
  test('are made, read by id and name, listed, changed and removed', async () => {
    await using app = await startSources();
    const made = await app.call('POST', '/datasources', { ...ERP, description: 'the ERP' });
    expect(made.body).toEqual({
      id: expect.stringMatching(/^ds_[0-9a-z]{22}$/),
      name: 'erp',
      type: 'postgres',
      description: 'the ERP',
      managed: false,
      version: 1,
      settings: { host: '127.0.0.1', port: 5432, database: 'erp', user: 'report', hasPassword: true },
      server: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers.get('location')).toBe(`/api/datasources/${id}`);
    expect((await app.call('GET', `/datasources/${id}`)).body).toEqual(made.body);
    expect((await app.call('GET', '/datasources/erp')).body).toEqual(made.body);
    expect((await app.call('GET', '/datasources')).body).toEqual({ items: [made.body], nextCursor: null });

    const patched = await app.call('PATCH', '/datasources/erp', {
      name: 'erp 2',
      settings: { host: 'db.example.com', tls: { mode: 'verify' } },
    });
    expect(patched.body).toMatchObject({ id, name: 'erp 2', version: 2, description: 'the ERP' });
    expect(patched.body.settings).toEqual({
      ...{ host: 'db.example.com', port: 5432, database: 'erp', user: 'report', hasPassword: true },
      tls: { mode: 'verify', hasCa: false },
    });
    expect(app.access.forgotten).toEqual([id]);
    expect((await app.datasources.resolve(id)).settings.password).toBe(PASSWORD);

    expect((await app.call('DELETE', '/datasources/erp%202')).status).toBe(204);
    expect((await app.call('GET', `/datasources/${id}`)).body.code).toBe('resource.notFound');
    expect(app.access.forgotten).toEqual([id, id]);
  });

  test('come from a DSN, settings beside it fill in', async () => {
    await using app = await startSources();
    const dsn = 'postgresql://u:p@127.0.0.1:5433/db?sa_pool_size=10&sa_max_overflow=30&sa_pool_timeout=30';
    const { body } = await app.call('POST', '/datasources', {
      ...{ name: 'erp', type: 'postgres', dsn },
      settings: { schema: 'sales', cacheTtlS: 60, pool: { size: 10 } },
    });
    expect(body.settings).toEqual({
      ...{ host: '127.0.0.1', port: 5433, database: 'db', user: 'u', hasPassword: true },
      ...{ pool: { size: 10, maxOverflow: 30, timeoutS: 30 }, schema: 'sales', cacheTtlS: 60 },
    });
    const connection = await app.datasources.resolve('erp', '/from/datasource');
    expect(connection).toMatchObject({ name: 'erp', engine: 'postgres', version: 1 });
    expect(connection.settings).toMatchObject({ user: 'u', password: 'p', schema: 'sales' });
  });

  test('the version grows with the settings only', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    const change = async (patch: unknown) =>
      (await app.call('PATCH', '/datasources/erp', patch)).body.version;
    expect(await change({ description: 'x' })).toBe(1);
    expect(await change({ settings: { host: SETTINGS.host, password: PASSWORD } })).toBe(1);
    expect(await change({ settings: { password: 'another' } })).toBe(2);
    expect(await change({ settings: { options: { application_name: 'x' } } })).toBe(3);
    expect(await change({ settings: { options: { application_name: null } } })).toBe(4);
    expect(await change({ settings: { password: null } })).toBe(5);
    expect((await app.call('GET', '/datasources/erp')).body.settings.hasPassword).toBe(false);
    expect(await change({ dsn: 'postgres://other:pw@127.0.0.2/erp' })).toBe(6);
    expect((await app.datasources.resolve('erp')).settings).toMatchObject({
      ...{ host: '127.0.0.2', port: 5432, user: 'other', password: 'pw' },
    });
  });

  test('names are unique, and none hides a path', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    await app.call('POST', '/datasources', { ...ERP, name: 'other' });
    for (const [method, path, body] of [
      ['POST', '/datasources', ERP],
      ['PATCH', '/datasources/other', { name: 'erp' }],
      ['POST', '/datasources', { ...ERP, name: 'test' }],
      ['PATCH', '/datasources/other', { name: 'test' }],
    ] as const) {
      const answer = await app.call(method, path, body);
      expect(answer.body).toMatchObject({ code: 'resource.conflict', pointer: '/name' });
      expect(answer.status).toBe(409);
    }
    expect((await app.call('PATCH', '/datasources/erp', { name: 'erp' })).status).toBe(200);
  });

  test('a page follows the other', async () => {
    await using app = await startSources({ env: { POSTGRES_DSN: 'postgres://u@h/d' } });
    for (let n = 0; n < 5; n++) await app.call('POST', '/datasources', { ...ERP, name: `erp ${n}` });
    const seen: string[] = [];
    let cursor = '';
    for (;;) {
      const { body } = await app.call('GET', `/datasources?limit=2${cursor}`);
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen.toSorted()).toEqual(['erp 0', 'erp 1', 'erp 2', 'erp 3', 'erp 4', 'postgres']);
    expect((await app.call('GET', '/datasources?cursor=!')).body).toMatchObject({ pointer: '/cursor' });
  });

  test('what the query path asks for and is not there has its pointer', async () => {
    await using app = await startSources();
    const error = await app.datasources
      .resolve('nowhere', '/from/datasource')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'resource.notFound', pointer: '/from/datasource' });
  });
});

describe('who may do what', () => {
  test('viewers see that a datasource is there, not where', async () => {
    await using app = await startSources();
    const { id } = (await app.call('POST', '/datasources', ERP)).body;
    const summary = { id, name: 'erp', type: 'postgres', description: '', managed: false };
    expect((await app.call('GET', '/datasources', undefined, VIEWER)).body.items).toEqual([summary]);
    expect((await app.call('GET', '/datasources/erp', undefined, VIEWER)).body).toEqual(summary);
  });

  test.each([
    ['POST', '/datasources', ERP],
    ['PATCH', '/datasources/erp', { name: 'x' }],
    ['DELETE', '/datasources/erp', undefined],
    ['POST', '/datasources/test', { type: 'postgres', settings: SETTINGS }],
    ['POST', '/datasources/erp/test', undefined],
    ['GET', '/datasources/erp/stats', undefined],
  ])('%s %s is for admins, and not before sign-in', async (method, path, body) => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    const before = app.answered.length;
    expect((await app.call(method, path, body, VIEWER)).body).toMatchObject({
      code: 'auth.forbidden',
      status: 403,
    });
    expect((await app.call(method, path, body, {})).body).toMatchObject({
      code: 'auth.required',
      status: 401,
    });
    expect(app.answered.slice(before).join()).not.toContain('127.0.0.1');
    expect(app.access.asked).toEqual([]);
    expect((await app.call('GET', '/datasources/erp')).status).toBe(200);
  });
});

describe('testing a connection', () => {
  test('unsaved settings: what the server is, and nothing is kept', async () => {
    await using app = await startSources();
    const { body, status } = await app.call('POST', '/datasources/test', {
      type: 'postgres',
      dsn: 'postgresql://u:p@db.example.com/d',
    });
    expect(body).toEqual({
      ...{ ok: true, version: 'PostgreSQL 15.4', product: 'postgres', capabilities: { groupingSets: true } },
      elapsedMs: expect.any(Number),
      warnings: [expect.stringContaining('not encrypted')],
    });
    expect(status).toBe(200);
    const [{ source }] = app.access.asked as [(typeof app.access.asked)[0]];
    expect(source.settings).toMatchObject({
      host: 'db.example.com',
      password: 'p',
      pool: { size: 1, maxOverflow: 0 },
    });
    expect(app.access.forgotten).toEqual([source.id]);
    expect((await app.call('GET', '/datasources')).body.items).toEqual([]);
  });

  test('a saved one keeps what its server said until its settings change', async () => {
    await using app = await startSources();
    const { id } = (await app.call('POST', '/datasources', ERP)).body;
    const { body } = await app.call('POST', '/datasources/erp/test');
    expect(body).toMatchObject({ ok: true, warnings: [] });
    expect(app.access.asked[0]?.source).toMatchObject({ settings: { password: PASSWORD } });
    expect(app.access.asked[0]?.source.id).not.toBe(id);
    const server = async () => (await app.call('GET', '/datasources/erp')).body.server;
    expect(await server()).toEqual({
      ...{ version: 'PostgreSQL 15.4', product: 'postgres', capabilities: { groupingSets: true } },
    });
    await app.call('PATCH', '/datasources/erp', { description: 'still' });
    expect(await server()).not.toBeNull();
    await app.call('PATCH', '/datasources/erp', { settings: { host: '127.0.0.2' } });
    expect(await server()).toBeNull();
  });

  test.each([
    ['datasource.unreachable', 'The name db.example.com is not known'],
    ['datasource.tls', "The server's certificate has expired"],
    ['datasource.login', 'The database refused the user or password'],
    ['datasource.database', 'The server has no database d'],
    ['datasource.rights', 'The user may not connect'],
    ['datasource.busy', 'The server has no connection to spare'],
  ] as const)('%s is an answer, not a failure', async (code, detail) => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    app.access.fault = new AppError(code, detail, { cause: new Error(`inner ${PASSWORD}`) });
    for (const [path, body] of [
      ['/datasources/erp/test', undefined],
      ['/datasources/test', { type: 'postgres', settings: SETTINGS }],
    ] as const) {
      const answer = await app.call('POST', path, body);
      expect(answer.body).toEqual({ ok: false, code, detail, elapsedMs: expect.any(Number) });
      expect(answer.status).toBe(200);
    }
    expect(app.access.forgotten).toHaveLength(2);
  });

  test('what is not about the database stays a failure', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    app.access.fault = new AppError('worker.died', 'A worker ended');
    expect((await app.call('POST', '/datasources/erp/test')).body).toMatchObject({ code: 'worker.died' });
  });

  test('a server that never answers is given up, and counted', async () => {
    await using app = await startSources({ env: { DATASOURCE_TEST_SECONDS: '1' } });
    app.access.hangs = true;
    const { body } = await app.call('POST', '/datasources/test', { type: 'postgres', settings: SETTINGS });
    expect(body).toMatchObject({
      ok: false,
      code: 'datasource.unreachable',
      detail: expect.stringContaining('1 s'),
    });
    expect(await counted(app.metrics, 'limits_hit_total', { limit: 'DATASOURCE_TEST_SECONDS' })).toBe(1);
    expect(app.access.forgotten).toHaveLength(1);
  });
});
