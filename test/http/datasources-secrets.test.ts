import { Database as Sqlite } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { AppError } from '../../src/base/errors.ts';
import { VIEWER } from './core-kit.ts';
import { ERP, PASSWORD, SECRET, SETTINGS, type Sources, startSources } from './datasources-kit.ts';

const NEXT = 'n7'.repeat(20);
const CA = `${rootCertificates[0]}\n`;
const SECOND = 'tiger5tiger5';
const THIRD = 'lion6lion6li';

/** Every byte of the metadata and its files beside it, and the rows of the audit log. */
async function kept(app: Sources): Promise<string> {
  const files = await readdir(app.folder);
  const contents = await Promise.all(files.map((file) => Bun.file(join(app.folder, file)).text()));
  const audit = await app.store.audit.list({}, 1000);
  return `${contents.join('\n')}${JSON.stringify(audit)}`;
}

describe('secrets', () => {
  test('are in no answer, log line, audit row or file', async () => {
    const secret = encodeURIComponent(PASSWORD);
    await using app = await startSources({ env: { POSTGRES_DSN: `postgres://u:${THIRD}@h/d` } });
    const tls = { mode: 'verify', ca: CA, serverName: 'db.example.com' };
    await app.call('POST', '/datasources', { ...ERP, settings: { ...SETTINGS, tls } });
    await app.call('POST', '/datasources', { name: 'b', type: 'mysql', dsn: `mysql://u:${secret}@h/d` });
    await app.call('POST', '/datasources', { ...ERP, name: 'b' });
    await app.call('POST', '/datasources', {
      ...ERP,
      name: 'c',
      settings: { ...SETTINGS, nonsense: PASSWORD },
    });
    await app.call('POST', '/datasources', { name: 'c', type: 'mysql', dsn: `postgres://u:${secret}@h/d` });
    await app.call('POST', '/datasources', `{"name":"c","settings":{"password":"${SECOND}"`);
    await app.call('PATCH', '/datasources/erp', { settings: { password: SECOND } });
    await app.call('PATCH', '/datasources/erp', { dsn: `postgresql://u:${SECOND}@h/d` });
    await app.call('PATCH', '/datasources/postgres', { settings: { password: SECOND } });
    for (const fault of [
      undefined,
      new AppError('datasource.login', 'refused', { cause: new Error('inner') }),
    ]) {
      app.access.fault = fault;
      await app.call('POST', '/datasources/test', { type: 'postgres', settings: SETTINGS });
      for (const name of ['erp', 'b', 'postgres']) await app.call('POST', `/datasources/${name}/test`);
    }
    for (const path of [
      '',
      '/erp',
      '/b',
      '/postgres',
      '/erp/tables',
      '/erp/schemas',
      '/erp/stats',
      '/postgres/stats',
    ]) {
      await app.call('GET', `/datasources${path}`);
      await app.call('GET', `/datasources${path}`, undefined, VIEWER);
    }
    app.access.fault = new AppError('internal', 'failed', { cause: new Error('inner') });
    await app.call('GET', '/datasources/erp/schemas?refresh=true');
    await app.call('DELETE', '/datasources/b');

    expect((await app.datasources.resolve('erp')).settings).toMatchObject({
      password: SECOND,
      tls: { ca: CA },
    });
    const caText = CA.split('\n')[3]!;
    const places = { answers: app.answered.join('\n'), log: app.logged.join('\n'), kept: await kept(app) };
    expect(places.answers.length).toBeGreaterThan(5000);
    expect(places.log.length).toBeGreaterThan(1000);
    expect(places.kept).toContain('datasource.update');
    for (const [place, text] of Object.entries(places))
      for (const hidden of [PASSWORD, JSON.stringify(PASSWORD).slice(1, -1), secret, SECOND, THIRD, caText])
        expect(text.includes(hidden), `${place} of ${hidden.slice(0, 12)}`).toBe(false);
  });

  test('each change leaves an entry that says what, not the values', async () => {
    await using app = await startSources();
    const { id } = (await app.call('POST', '/datasources', ERP)).body;
    await app.call('PATCH', '/datasources/erp', {
      name: 'e2',
      settings: { password: SECOND, pool: { size: 3 } },
    });
    await app.call('POST', '/datasources/e2/test');
    app.access.fault = new AppError('datasource.login', 'refused');
    await app.call('POST', '/datasources/test', { type: 'postgres', settings: SETTINGS });
    await app.call('DELETE', '/datasources/e2');
    const where = { host: '127.0.0.1', port: 5432, database: 'erp', user: 'report' };
    const entries = (await app.store.audit.list({}, 10)).reverse();
    expect(
      entries.map(({ action, target, actor, address, detail }) => [action, target, actor, address, detail]),
    ).toEqual([
      ['datasource.create', id, 'usr_admin', '203.0.113.1', { name: 'erp', type: 'postgres', ...where }],
      [
        'datasource.update',
        id,
        'usr_admin',
        '203.0.113.1',
        { name: 'e2', changed: ['name', 'password', 'pool'], version: 2 },
      ],
      ['datasource.test', id, 'usr_admin', '203.0.113.1', { type: 'postgres', ...where, outcome: 'ok' }],
      [
        'datasource.test',
        null,
        'usr_admin',
        '203.0.113.1',
        { type: 'postgres', ...where, outcome: 'datasource.login' },
      ],
      ['datasource.delete', id, 'usr_admin', '203.0.113.1', { name: 'e2', type: 'postgres' }],
    ]);
  });

  test('a sealed password copied to another datasource does not open there', async () => {
    await using app = await startSources();
    const first = (await app.call('POST', '/datasources', ERP)).body.id;
    const second = (await app.call('POST', '/datasources', { ...ERP, name: 'other' })).body.id;
    const { secrets } = (await app.store.datasources.byId(first))!;
    await app.store.datasources.replaceSecrets(second, secrets);
    const error = await app.datasources.resolve(second).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'storage.sealed' });
  });
});

describe('rotation of SECRET_KEY', () => {
  const ROTATED = { SECRET_KEY_PREVIOUS: SECRET };
  const tls = { mode: 'verify', ca: CA };

  test('a start with the new and the previous key seals all anew; then the new one is enough', async () => {
    await using first = await startSources();
    await first.call('POST', '/datasources', { ...ERP, settings: { ...SETTINGS, tls } });
    await first.call('POST', '/datasources', { ...ERP, name: 'b' });
    await first.call('POST', '/datasources', { name: 'open', type: 'postgres', dsn: 'postgres://u@h/d' });
    expect(first.resealed).toMatchObject({ resealed: 0, unreadable: 0 });

    await using second = await startSources({ folder: first.folder, secretKey: NEXT, env: ROTATED });
    expect(second.resealed).toMatchObject({ resealed: 2, unreadable: 0 });
    expect(second.logged.join('')).toContain('"event":"secrets.resealed","count":2');
    expect((await second.datasources.resolve('erp')).settings).toMatchObject({
      password: PASSWORD,
      tls: { ca: CA },
    });
    expect((await second.datasources.resolve('erp')).version).toBe(1);

    await using third = await startSources({ folder: first.folder, secretKey: NEXT, env: ROTATED });
    expect(third.resealed).toMatchObject({ resealed: 0, unreadable: 0 });
    await using last = await startSources({ folder: first.folder, secretKey: NEXT });
    expect((await last.datasources.resolve('b')).settings.password).toBe(PASSWORD);
    await using back = await startSources({ folder: first.folder });
    expect(back.resealed).toMatchObject({ resealed: 0, unreadable: 2 });
  });

  test('a lost key is said clearly; the password can be given again, and does not vanish otherwise', async () => {
    await using first = await startSources();
    const { id } = (await first.call('POST', '/datasources', ERP)).body;
    await using app = await startSources({ folder: first.folder, secretKey: NEXT });
    expect(app.resealed).toMatchObject({ resealed: 0, unreadable: 1 });
    expect(app.logged.join('')).toContain(`"event":"secret.unreadable","id":"${id}"`);
    expect((await app.call('GET', '/datasources/erp')).body.settings.hasPassword).toBe(true);
    expect((await app.call('GET', '/datasources/erp/schemas')).body).toMatchObject({
      ...{ status: 500, code: 'storage.sealed', detail: expect.stringContaining('SECRET_KEY_PREVIOUS') },
    });
    expect((await app.call('PATCH', '/datasources/erp', { name: 'renamed' })).body.version).toBe(1);
    expect((await app.call('PATCH', '/datasources/erp', { settings: { host: 'h' } })).status).toBe(404);
    expect((await app.call('PATCH', '/datasources/renamed', { settings: { host: 'h' } })).body).toMatchObject(
      {
        ...{ code: 'storage.sealed', pointer: '/settings/password' },
      },
    );
    expect(
      (await app.call('PATCH', '/datasources/renamed', { settings: { password: SECOND } })).body.version,
    ).toBe(2);
    expect((await app.datasources.resolve('renamed')).settings).toMatchObject({
      password: SECOND,
      host: '127.0.0.1',
    });
  });

  test('a lost password can be taken away', async () => {
    await using first = await startSources();
    await first.call('POST', '/datasources', ERP);
    await using app = await startSources({ folder: first.folder, secretKey: NEXT });
    const { body } = await app.call('PATCH', '/datasources/erp', { settings: { password: null } });
    expect(body.settings.hasPassword).toBe(false);
    expect((await app.datasources.resolve('erp')).settings.password).toBeUndefined();
  });

  test('the file holds only sealed texts', async () => {
    await using app = await startSources();
    await app.call('POST', '/datasources', { ...ERP, settings: { ...SETTINGS, tls } });
    const sqlite = new Sqlite(join(app.folder, 'meta.sqlite'), { readonly: true });
    const row = sqlite.query<{ secrets: string }, []>('select secrets from datasources').get();
    sqlite.close();
    const secrets = JSON.parse(row!.secrets) as Record<string, string>;
    expect(Object.keys(secrets).sort()).toEqual(['ca', 'password']);
    for (const text of Object.values(secrets)) expect(text).toMatch(/^v1\.[0-9a-f]{12}\.[\w-]{16}\.[\w-]+$/);
  });
});
