import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/base/errors.ts';
import { VIEWER } from './core-kit.ts';
import { ERP, SETTINGS, startSources } from './datasources-kit.ts';
import { counted } from './identity-kit.ts';

const get = (app: Awaited<ReturnType<typeof startSources>>, path: string) =>
  app.call('GET', path, undefined, VIEWER);

describe('what stands in a database', () => {
  test('schemas, tables, columns, first rows and connections', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    expect((await get(app, '/datasources/erp/schemas')).body).toEqual({
      items: [{ name: 'audit' }, { name: 'public' }],
      nextCursor: null,
    });
    expect((await get(app, '/datasources/erp/tables')).body).toEqual({
      items: [
        { schema: 'audit', name: 'orders', kind: 'table' },
        { schema: 'public', name: 'customers', kind: 'view' },
        { schema: 'public', name: 'orders', kind: 'table', estimatedRows: 12 },
      ],
      nextCursor: null,
    });
    expect((await get(app, '/datasources/erp/tables?schema=audit')).body.items).toHaveLength(1);
    expect((await get(app, '/datasources/erp/tables/orders/columns?schema=public')).body.items).toEqual([
      { name: 'id', type: 'integer', nativeType: 'bigint', nullable: false, keyPosition: 1 },
      { name: 'note', type: 'text', nativeType: 'text', nullable: true, comment: 'free text' },
    ]);
    expect((await get(app, '/datasources/erp/tables/orders/preview?limit=2')).body).toEqual({
      columns: [{ name: 'id', type: 'integer' }],
      rows: [['9007199254740993'], [null]],
      meta: { requestId: expect.any(String), rowCount: 2 },
    });
    expect((await app.call('GET', '/datasources/erp/stats')).body).toEqual({
      pool: { inUse: 1, idle: 2, waiting: 0, created: 3, failed: 0 },
    });
  });

  test('is kept for a while, asked anew on demand, after a change, and not of previews', async () => {
    await using app = await startSources({ env: { DATASOURCE_CATALOG_SECONDS: '60' } });
    await app.call('POST', '/datasources', ERP);
    const asks = async (path: string) => {
      const before = app.access.asked.length;
      expect((await get(app, path)).status).toBe(200);
      return app.access.asked.length - before;
    };
    for (const path of [
      '/schemas',
      '/tables',
      '/tables?schema=audit',
      '/tables/a/columns',
      '/tables/b/columns',
    ]) {
      const [whole, again] = [`/datasources/erp${path}`, path.includes('?') ? '&' : '?'];
      expect(await asks(whole), path).toBe(1);
      expect(await asks(whole), path).toBe(0);
      expect(await asks(`${whole}${again}refresh=true`), path).toBe(1);
      expect(await asks(whole), path).toBe(0);
    }
    expect(await asks('/datasources/erp/tables/a/preview')).toBe(1);
    expect(await asks('/datasources/erp/tables/a/preview')).toBe(1);
    app.clock.offsetMs += 61_000;
    expect(await asks('/datasources/erp/schemas')).toBe(1);
    await app.call('PATCH', '/datasources/erp', { description: 'x' });
    expect(await asks('/datasources/erp/schemas')).toBe(0);
    await app.call('PATCH', '/datasources/erp', { settings: { host: '127.0.0.2' } });
    expect(await asks('/datasources/erp/schemas')).toBe(1);
    expect(app.access.asked.at(-1)?.source.settings.host).toBe('127.0.0.2');
  });

  test('a datasource of another that took the name is not answered from what was kept', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    await get(app, '/datasources/erp/tables');
    await app.call('DELETE', '/datasources/erp');
    await app.call('POST', '/datasources', ERP);
    app.access.tablesOf = [];
    expect((await get(app, '/datasources/erp/tables')).body.items).toEqual([]);
  });

  test('nothing is kept where DATASOURCE_CATALOG_SECONDS is 0, nor what failed', async () => {
    await using app = await startSources({ env: { DATASOURCE_CATALOG_SECONDS: '0' } });
    await app.call('POST', '/datasources', ERP);
    await get(app, '/datasources/erp/schemas');
    await get(app, '/datasources/erp/schemas');
    expect(app.access.asked).toHaveLength(2);
    await using keeping = await startSources();
    await keeping.call('POST', '/datasources', ERP);
    keeping.access.fault = new AppError('datasource.unreachable', 'The server refused the connection');
    expect((await get(keeping, '/datasources/erp/schemas')).body).toMatchObject({
      ...{ status: 502, code: 'datasource.unreachable', detail: 'The server refused the connection' },
    });
    keeping.access.fault = undefined;
    expect((await get(keeping, '/datasources/erp/schemas')).status).toBe(200);
  });

  test.each([
    'a/b',
    'a b',
    '"quoted"',
    '%41',
    '100%',
    'été',
    '表',
    '😀',
    "x'; drop table y; --",
    'a?b#c',
    'a\\b',
    'Columns',
    '..x',
  ])('a table named %p is found by its name', async (name) => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    const path = `/datasources/erp/tables/${encodeURIComponent(name)}`;
    expect((await get(app, `${path}/columns?schema=${encodeURIComponent(name)}`)).status).toBe(200);
    expect((await get(app, `${path}/preview`)).status).toBe(200);
    expect(app.access.asked.map((asked) => asked.with)).toEqual([
      { schema: name, name },
      { schema: undefined, name, limit: 100 },
    ]);
  });

  test('the schema of the datasource stands for one that is not named', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', { ...ERP, settings: { ...SETTINGS, schema: 'sales' } });
    await get(app, '/datasources/erp/tables');
    await get(app, '/datasources/erp/tables/t/columns');
    await get(app, '/datasources/erp/tables/t/columns?schema=other');
    expect(app.access.asked.map((asked) => asked.with)).toEqual([
      'sales',
      { schema: 'sales', name: 't' },
      { schema: 'other', name: 't' },
    ]);
  });

  test('many tables come in pages, each once', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    app.access.tablesOf = Array.from({ length: 2500 }, (_, n) => ({
      schema: n % 2 ? 'b' : 'a',
      name: `t"\\${String(n).padStart(5, '0')}😀`,
      kind: 'table' as const,
    }));
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await get(app, `/datasources/erp/tables?limit=700${cursor}`);
      seen.push(
        ...body.items.map((table: { schema: string; name: string }) => `${table.schema}.${table.name}`),
      );
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toHaveLength(2500);
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(app.access.asked).toHaveLength(1);
  });

  test('a table that is not there says so', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    expect((await get(app, '/datasources/erp/tables/missing/columns')).body).toMatchObject({ status: 404 });
  });

  test('a database that never answers is given up, and counted', async () => {
    await using app = await startSources({ env: { DATASOURCE_LOOK_SECONDS: '1' } });
    await app.call('POST', '/datasources', ERP);
    app.access.hangs = true;
    expect((await get(app, '/datasources/erp/tables/t/preview')).body).toMatchObject({
      code: 'query.timeout',
    });
    expect(await counted(app.metrics, 'limits_hit_total', { limit: 'DATASOURCE_LOOK_SECONDS' })).toBe(1);
  });

  test('who the server is, is asked once and kept across starts', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', ERP);
    const signal = new AbortController().signal;
    const facts = await app.catalog.facts(await app.datasources.resolve('erp'), signal);
    expect(facts.product).toBe('postgres');
    await app.catalog.facts(await app.datasources.resolve('erp'), signal);
    expect(app.access.asked).toHaveLength(1);
    await using later = await startSources({ folder: app.folder });
    await later.catalog.facts(await later.datasources.resolve('erp'), signal);
    expect(later.access.asked).toHaveLength(0);
  });
});
