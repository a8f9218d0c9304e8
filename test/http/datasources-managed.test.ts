import { describe, expect, test } from 'bun:test';
import { ConfigError } from '../../src/config.ts';
import { VIEWER } from './core-kit.ts';
import { ERP, startSources } from './datasources-kit.ts';

const ENV = {
  POSTGRES_DSN: 'postgresql+psycopg://report:tiger@10.0.0.5:5433/erp?sa_pool_size=10&sa_max_overflow=30',
  SUPABASE_POSTGRES_DSN: 'postgresql://postgres.abc:tiger@pool.supabase.example:6543/postgres',
};

describe('datasources of the environment', () => {
  test('are there, readable by name and id, without being stored', async () => {
    await using app = await startSources({ env: ENV });
    const { items } = (await app.call('GET', '/datasources')).body;
    expect(items).toEqual([
      {
        ...{ id: 'ds_postgres', name: 'postgres', type: 'postgres', managed: true, server: null },
        ...{
          description: 'Defined by POSTGRES_DSN',
          version: expect.any(Number),
          createdAt: null,
          updatedAt: null,
        },
        settings: {
          ...{ host: '10.0.0.5', port: 5433, database: 'erp', user: 'report', hasPassword: true },
          pool: { size: 10, maxOverflow: 30 },
        },
      },
      {
        ...{ id: 'ds_supabase', name: 'supabase', type: 'postgres', managed: true, server: null },
        ...{ description: 'Defined by SUPABASE_POSTGRES_DSN', version: expect.any(Number) },
        ...{ createdAt: null, updatedAt: null },
        settings: {
          ...{ host: 'pool.supabase.example', port: 6543, database: 'postgres', user: 'postgres.abc' },
          ...{ hasPassword: true, tls: { mode: 'require', hasCa: false } },
        },
      },
    ]);
    expect((await app.call('GET', '/datasources/postgres')).body).toEqual(items[0]);
    expect((await app.call('GET', '/datasources/ds_supabase')).body).toEqual(items[1]);
    expect((await app.call('GET', '/datasources/postgres', undefined, VIEWER)).body).toEqual({
      ...{ id: 'ds_postgres', name: 'postgres', type: 'postgres', managed: true },
      description: 'Defined by POSTGRES_DSN',
    });
    expect((await app.datasources.resolve('supabase')).settings.password).toBe('tiger');
    expect(await app.store.datasources.list(10)).toEqual([]);
  });

  test('are not changed or removed here', async () => {
    await using app = await startSources({ env: ENV });
    for (const [method, body] of [
      ['PATCH', { name: 'mine' }],
      ['PATCH', { settings: { host: 'h' } }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await app.call(method, '/datasources/postgres', body);
      expect(answer.body).toMatchObject({ code: 'resource.conflict', setting: 'POSTGRES_DSN' });
    }
    expect((await app.call('GET', '/datasources')).body.items).toHaveLength(2);
  });

  test('can be tested and looked at', async () => {
    await using app = await startSources({ env: ENV });
    expect((await app.call('POST', '/datasources/postgres/test')).body).toMatchObject({ ok: true });
    expect((await app.call('GET', '/datasources/postgres')).body.server).toMatchObject({
      product: 'postgres',
    });
    expect((await app.call('GET', '/datasources/postgres/schemas')).body.items).toHaveLength(2);
  });

  test('their version follows the DSN', async () => {
    const versionOf = async (dsn: string) => {
      await using app = await startSources({ env: { POSTGRES_DSN: dsn } });
      return (await app.datasources.resolve('postgres')).version;
    };
    expect(await versionOf(ENV.POSTGRES_DSN)).toBe(await versionOf(ENV.POSTGRES_DSN));
    expect(await versionOf(ENV.POSTGRES_DSN)).not.toBe(await versionOf(ENV.SUPABASE_POSTGRES_DSN));
  });

  test('a stored datasource keeps its name; the other has one beside it', async () => {
    await using first = await startSources();
    const { id } = (await first.call('POST', '/datasources', { ...ERP, name: 'postgres' })).body;
    await using app = await startSources({ folder: first.folder, env: ENV });
    const { items } = (await app.call('GET', '/datasources')).body;
    expect(items.map(({ id, name }: { id: string; name: string }) => [id, name])).toEqual([
      [id, 'postgres'],
      ['ds_postgres', 'postgres-environment'],
      ['ds_supabase', 'supabase'],
    ]);
    expect((await app.datasources.resolve('postgres')).id).toBe(id);
    expect((await app.datasources.resolve('postgres-environment')).id).toBe('ds_postgres');
    expect((await app.datasources.resolve('ds_postgres')).name).toBe('postgres-environment');
  });

  test.each(['postgres', 'supabase', 'postgres-environment'])('the name %s is taken', async (name) => {
    await using app = await startSources({ env: ENV });
    const answer = await app.call('POST', '/datasources', { ...ERP, name });
    expect(answer.body).toMatchObject({ code: 'resource.conflict', pointer: '/name' });
  });

  test('one that cannot be read stops the start, naming each setting and no secret', async () => {
    const env = {
      POSTGRES_DSN: 'mysql://u:tiger@h/d',
      SUPABASE_POSTGRES_DSN: 'postgres://u:tiger@h/d?nonsense=1',
    };
    const error = await startSources({ env }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    const { faults, message } = error as ConfigError;
    expect(faults).toEqual([
      'POSTGRES_DSN: is of mysql, but the type is postgres',
      'SUPABASE_POSTGRES_DSN: has the unknown parameter "nonsense"',
    ]);
    expect(message).not.toContain('tiger');
  });
});
