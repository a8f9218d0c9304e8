import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { ERP, SETTINGS, type Sources, startSources } from './datasources-kit.ts';

let app: Sources;
beforeAll(async () => {
  app = await startSources();
  await app.call('POST', '/datasources', ERP);
});
afterAll(() => app[Symbol.asyncDispose]());

const SECRET = 'hunter2hunter2';
const settings = (change: Record<string, unknown>) => ({
  settings: { ...SETTINGS, password: SECRET, ...change },
});
const without = (name: string) => {
  const { [name]: _, ...rest } = { ...SETTINGS, password: SECRET } as Record<string, unknown>;
  return { settings: rest };
};
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';
const NOT_ONE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
const DSN = `postgresql://u:${SECRET}@h/d`;

/** What is sent beside a good name and type, and where the fault is. */
const CREATE: [Record<string, unknown>, string][] = [
  [{}, '/settings/host'],
  [without('host'), '/settings/host'],
  [without('database'), '/settings/database'],
  [without('user'), '/settings/user'],
  [settings({ host: '' }), '/settings/host'],
  [settings({ host: 5 }), '/settings/host'],
  [settings({ host: '/var/run/postgresql' }), '/settings/host'],
  [settings({ host: '@abstract' }), '/settings/host'],
  [settings({ host: '\\\\.\\pipe\\sql' }), '/settings/host'],
  [settings({ host: 'a,b' }), '/settings/host'],
  [settings({ host: 'a b' }), '/settings/host'],
  [settings({ host: 'a:5432' }), '/settings/host'],
  [settings({ host: 'u:p@a' }), '/settings/host'],
  [settings({ host: 'http://a' }), '/settings/host'],
  [settings({ host: 'a\u0000b' }), '/settings/host'],
  [settings({ host: `${'a'.repeat(64)}.example` }), '/settings/host'],
  [settings({ host: 'a'.repeat(300) }), '/settings/host'],
  [settings({ host: '169.254.169.254' }), '/settings/host'],
  [settings({ host: '169.254.170.2' }), '/settings/host'],
  [settings({ host: '::ffff:169.254.169.254' }), '/settings/host'],
  [settings({ host: '[::ffff:a9fe:a9fe]' }), '/settings/host'],
  [settings({ host: '64:ff9b::a9fe:a9fe' }), '/settings/host'],
  [settings({ host: '2002:a9fe:a9fe::' }), '/settings/host'],
  [settings({ host: 'fd00:ec2::254' }), '/settings/host'],
  [settings({ host: 'fe80::1%eth0' }), '/settings/host'],
  [settings({ host: '100.100.100.200' }), '/settings/host'],
  [settings({ host: 'Metadata.Google.Internal.' }), '/settings/host'],
  [settings({ host: '2852039166' }), '/settings/host'],
  [settings({ host: '0xA9FEA9FE' }), '/settings/host'],
  [settings({ host: '169.254.43518' }), '/settings/host'],
  [settings({ host: '0251.0376.0251.0376' }), '/settings/host'],
  [settings({ port: 0 }), '/settings/port'],
  [settings({ port: 65_536 }), '/settings/port'],
  [settings({ port: '5432' }), '/settings/port'],
  [settings({ port: 1.5 }), '/settings/port'],
  [settings({ database: 'a\u0000user\u0000postgres' }), '/settings/database'],
  [settings({ user: 'a\nb' }), '/settings/user'],
  [settings({ schema: 'a\tb' }), '/settings/schema'],
  [settings({ schema: '' }), '/settings/schema'],
  [settings({ password: `${SECRET}\u0000` }), '/settings/password'],
  [settings({ password: SECRET.repeat(100) }), '/settings/password'],
  [settings({ tls: 'verify' }), '/settings/tls'],
  [settings({ tls: {} }), '/settings/tls'],
  [settings({ tls: { mode: 'prefer' } }), '/settings/tls/mode'],
  [settings({ tls: { mode: 'verify', key: KEY } }), '/settings/tls/key'],
  [settings({ tls: { mode: 'verify', ca: '/etc/ssl/ca.pem' } }), '/settings/tls/ca'],
  [settings({ tls: { mode: 'verify', ca: KEY } }), '/settings/tls/ca'],
  [settings({ tls: { mode: 'verify', ca: NOT_ONE } }), '/settings/tls/ca'],
  [settings({ tls: { mode: 'verify', serverName: 'a b' } }), '/settings/tls/serverName'],
  [settings({ pool: { size: 0 } }), '/settings/pool/size'],
  [settings({ pool: { size: 501 } }), '/settings/pool/size'],
  [settings({ pool: { maxOverflow: -1 } }), '/settings/pool/maxOverflow'],
  [settings({ pool: { timeoutS: 0 } }), '/settings/pool/timeoutS'],
  [settings({ pool: { sizes: 1 } }), '/settings/pool/sizes'],
  [settings({ connectTimeoutS: 121 }), '/settings/connectTimeoutS'],
  [settings({ options: { statement_timeout: '0' } }), '/settings/options/statement_timeout'],
  [
    settings({ options: { default_transaction_read_only: 'off' } }),
    '/settings/options/default_transaction_read_only',
  ],
  [settings({ options: { application_name: 5 } }), '/settings/options/application_name'],
  [settings({ options: { application_name: 'a\u0000b' } }), '/settings/options/application_name'],
  [settings({ options: { application_name: 'a'.repeat(501) } }), '/settings/options/application_name'],
  [settings({ options: { 'a/b~c': 'x' } }), '/settings/options/a~1b~0c'],
  [settings({ options: { application_name: { deep: 1 } } }), '/settings/options/application_name'],
  [settings({ textComparison: 'sometimes' }), '/settings/textComparison'],
  [settings({ cacheTtlS: -1 }), '/settings/cacheTtlS'],
  [settings({ timezone: 'Mars/Olympus' }), '/settings/timezone'],
  [settings({ hosts: 'a' }), '/settings/hosts'],
  [settings({ init: 'drop table x' }), '/settings/init'],
  [{ settings: 'x' }, '/settings'],
  [{ settings: [] }, '/settings'],
  [{ ...settings({}), secret: 1 }, '/secret'],
  [{ ...settings({}), description: 5 }, '/description'],
  [{ ...settings({}), name: '' }, '/name'],
  [{ ...settings({}), name: ' a' }, '/name'],
  [{ ...settings({}), name: 'a\u0007' }, '/name'],
  [{ ...settings({}), type: 'oracle' }, '/type'],
  [{ ...settings({}), type: 'sqlite' }, '/type'],
  [{ dsn: '' }, '/dsn'],
  [{ dsn: 5 }, '/dsn'],
  [{ dsn: SECRET }, '/dsn'],
  [{ dsn: 'x'.repeat(10_001) }, '/dsn'],
  [{ dsn: `mysql://u:${SECRET}@h/d` }, '/dsn'],
  [{ dsn: `postgresql://u:${SECRET}@h` }, '/dsn'],
  [{ dsn: `postgresql://h/d?x=${SECRET}` }, '/dsn'],
  [{ dsn: 'postgresql://h/d' }, '/dsn'],
  [{ dsn: 'postgresql:///d' }, '/dsn'],
  [{ dsn: `${DSN}?sa_pool_size=0` }, '/settings/pool/size'],
  [{ dsn: DSN, settings: { host: 'other' } }, '/settings/host'],
  [{ dsn: DSN, settings: { password: 'other' } }, '/settings/password'],
  [{ dsn: `${DSN}?sslmode=require`, settings: { tls: { mode: 'verify' } } }, '/settings/tls/mode'],
  [{ dsn: `${DSN}?sa_pool_size=5`, settings: { pool: { size: 6 } } }, '/settings/pool/size'],
  [
    { dsn: `${DSN}?application_name=a`, settings: { options: { application_name: 'b' } } },
    '/settings/options/application_name',
  ],
];

describe('what cannot be right is refused where it stands, and nothing of it is repeated', () => {
  test.each(CREATE)('POST %j', async (sent, pointer) => {
    for (const path of ['/datasources', '/datasources/test']) {
      const answer = await app.call('POST', path, { name: 'new', type: 'postgres', ...sent });
      expect(answer.body).toMatchObject({ code: 'request.invalid', status: 400, pointer });
      expect(answer.text).not.toContain(SECRET);
    }
    expect((await app.call('GET', '/datasources')).body.items).toHaveLength(1);
    expect(app.access.asked).toEqual([]);
  });

  test('a name and a type are needed', async () => {
    const fields = settings({});
    expect((await app.call('POST', '/datasources', { type: 'postgres', ...fields })).body.detail).toContain(
      'name',
    );
    expect((await app.call('POST', '/datasources', { name: 'x', ...fields })).body.detail).toContain('type');
    expect((await app.call('POST', '/datasources', '[]')).status).toBe(400);
    expect((await app.call('POST', '/datasources', '{"name":')).body.code).toBe('request.parse');
  });

  const PATCHES: [unknown, string][] = [
    [{}, ''],
    [{ type: 'mysql' }, '/type'],
    [{ id: 'ds_1' }, '/id'],
    [{ name: null }, '/name'],
    [{ settings: null }, '/settings'],
    [{ settings: { host: null } }, '/settings/host'],
    [{ settings: { user: null } }, '/settings/user'],
    [{ settings: { user: '' } }, '/settings/user'],
    [{ settings: { nonsense: null } }, '/settings/nonsense'],
    [{ settings: { nonsense: 1 } }, '/settings/nonsense'],
    [{ settings: { pool: { nonsense: null } } }, '/settings/pool/nonsense'],
    [{ settings: { tls: { nonsense: null } } }, '/settings/tls/nonsense'],
    [{ settings: { tls: { mode: null } } }, '/settings/tls'],
    [{ settings: { port: 'x' } }, '/settings/port'],
    [{ settings: { host: '169.254.169.254' } }, '/settings/host'],
    [{ settings: { options: { nonsense: 'x' } } }, '/settings/options/nonsense'],
    [{ dsn: `mysql://u:${SECRET}@h/d` }, '/dsn'],
    [{ dsn: DSN, settings: { host: 'other' } }, '/settings/host'],
  ];
  test.each(PATCHES)('PATCH %j', async (sent, pointer) => {
    const before = (await app.call('GET', '/datasources/erp')).body;
    const answer = await app.call('PATCH', '/datasources/erp', sent);
    expect(answer.body).toMatchObject({ code: 'request.invalid', pointer });
    expect(answer.text).not.toContain(SECRET);
    expect((await app.call('GET', '/datasources/erp')).body).toEqual(before);
  });

  test('names of prototypes are fields like others', async () => {
    const sent = '{"settings":{"options":{"__proto__":{"x":1},"constructor":"y"}}}';
    const { body } = await app.call('PATCH', '/datasources/erp', sent);
    expect(body).toMatchObject({ code: 'request.invalid' });
    expect(body.pointer).toMatch(/^\/settings\/options\/(__proto__|constructor)$/);
  });

  test.each([
    ['GET', '/datasources/nowhere'],
    ['PATCH', '/datasources/nowhere'],
    ['DELETE', '/datasources/nowhere'],
    ['POST', '/datasources/nowhere/test'],
    ['GET', '/datasources/nowhere/schemas'],
    ['GET', '/datasources/nowhere/tables'],
    ['GET', '/datasources/nowhere/tables/t/columns'],
    ['GET', '/datasources/nowhere/tables/t/preview'],
    ['GET', '/datasources/nowhere/stats'],
  ])('%s %s is not there', async (method, path) => {
    const answer = await app.call(method, path, method === 'PATCH' ? { name: 'x' } : undefined);
    expect(answer.body).toMatchObject({ code: 'resource.notFound', status: 404, datasource: 'nowhere' });
  });

  test.each([
    ['/datasources?limit=0', '/limit'],
    ['/datasources?what=1', '/what'],
    ['/datasources?cursor=x', '/cursor'],
    ['/datasources/erp/tables?limit=x', '/limit'],
    ['/datasources/erp/tables?limit=10001', '/limit'],
    ['/datasources/erp/tables?cursor=x', '/cursor'],
    [`/datasources/erp/tables?cursor=${Buffer.from('["a","\\u12"]').toString('base64url')}`, '/cursor'],
    ['/datasources/erp/tables?schema=', '/schema'],
    ['/datasources/erp/tables?refresh=perhaps', '/refresh'],
    ['/datasources/erp/schemas?x=1', '/x'],
    [`/datasources/erp/tables/${'t'.repeat(257)}/columns`, '/table'],
    ['/datasources/erp/tables/t/preview?limit=1001', '/limit'],
    ['/datasources/erp/tables/%zz/columns', '/table'],
  ])('GET %s', async (path, pointer) => {
    expect((await app.call('GET', path)).body).toMatchObject({ code: 'request.invalid', pointer });
  });
});
