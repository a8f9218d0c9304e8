import { describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { Seal } from '../../src/base/seal.ts';
import { readConfig } from '../../src/config.ts';
import type { SecretUse } from '../../src/domain/secret.ts';
import { createApp } from '../../src/http/app.ts';
import { secretsRoutes } from '../../src/http/routes/secrets.ts';
import { Audit } from '../../src/services/audit.ts';
import { NamedSecrets } from '../../src/services/named-secrets.ts';
import { resealAll } from '../../src/services/reseal.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createStore } from '../../src/store/store.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { ADMIN, authenticate, VIEWER } from './core-kit.ts';

const FIRST_KEY = 'k9'.repeat(20);
const SECOND_KEY = 'n7'.repeat(20);
const VALUE = 'pässw%rd/:@?#[]&=+"\\';
const NEW_VALUE = 'tiger5tiger5';

async function open(folder: string, key = FIRST_KEY, previous?: string) {
  const path = join(folder, 'meta.sqlite');
  const logged: string[] = [];
  const log = createLog('debug', (line) => logged.push(line));
  const db = await openDatabase(path);
  await migrate(db, path, log);
  const store = createStore(db);
  const audit = new Audit(store, systemClock);
  const uses = new Map<string, SecretUse[]>();
  const usesOf = async () => uses;
  const seal = new Seal(key, previous);
  const secrets = new NamedSecrets({ store, seal, audit, clock: systemClock, log, usesOf });
  const app = createApp({
    config: readConfig({ PORT: '0' }),
    log,
    metrics: createMetrics(),
    clock: systemClock,
    version: '0',
    authenticate,
    checks: {},
    stats: async () => ({}),
    role: () => 'web',
    routes: [secretsRoutes({ secrets })],
  });
  const answered: string[] = [];
  async function call(
    method: string,
    where: string,
    body?: unknown,
    headers: Record<string, string> = ADMIN,
  ) {
    const request = new Request(`http://localhost/api${where}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await app.fetch(request, { address: '203.0.113.1' });
    const text = await response.text();
    answered.push(text);
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
  return {
    ...{ secrets, store, call, uses, logged, answered },
    reseal: () => resealAll(store, seal, log),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

async function folderOf() {
  const path = await mkdtemp(join(tmpdir(), 'secrets-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const CRM = { name: 'crm', value: VALUE, description: 'of the CRM', hosts: ['*'] };

describe('a secret', () => {
  test('is written, listed without its value, used, changed, and removed', async () => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    const made = await app.call('POST', '/secrets', CRM);
    const { id } = made.body;
    expect(made.body).toMatchObject({
      id: expect.stringMatching(/^sec_/),
      name: 'crm',
      description: 'of the CRM',
      hosts: ['*'],
      version: 1,
      usedBy: [],
    });
    expect(made.status).toBe(201);
    expect(await app.secrets.open('crm', 'api.example', '/x')).toBe(VALUE);
    const changed = await app.call('PATCH', '/secrets/crm', { value: NEW_VALUE });
    expect(changed.body).toMatchObject({ version: 2, description: 'of the CRM' });
    expect(await app.secrets.open('crm', 'api.example', '/x')).toBe(NEW_VALUE);
    expect((await app.call('PATCH', '/secrets/crm', { description: 'b' })).body).toMatchObject({
      version: 2,
    });
    expect((await app.call('GET', '/secrets')).body).toMatchObject({
      items: [{ name: 'crm' }],
      nextCursor: null,
    });
    expect((await app.call('GET', `/secrets/${id}`)).body).toMatchObject({ name: 'crm' });
    expect((await app.call('DELETE', '/secrets/crm')).status).toBe(204);
    expect((await app.call('GET', '/secrets/crm')).body).toMatchObject({ code: 'resource.notFound' });

    const files = await readdir(folder.path);
    const kept = await Promise.all(files.map((file) => Bun.file(join(folder.path, file)).text()));
    const audit = await app.store.audit.list({}, 1000);
    expect(audit.map(({ action }) => action).sort()).toEqual([
      'secret.create',
      'secret.delete',
      'secret.update',
      'secret.update',
    ]);
    const everything = [...app.answered, ...app.logged, ...kept, JSON.stringify(audit)].join('\n');
    expect(everything.length).toBeGreaterThan(3000);
    for (const hidden of [VALUE, JSON.stringify(VALUE).slice(1, -1), NEW_VALUE])
      expect(everything).not.toContain(hidden);
  });

  test('is bound to its place: a value copied to another row does not open', async () => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
    await app.call('POST', '/secrets', { name: 'other', value: 'x', hosts: ['*'] });
    const [first, second] = await app.store.secrets.sealed();
    await app.store.secrets.replaceSealed(second!.id, first!.sealed);
    await expect(app.secrets.open('other', 'h', '/x')).rejects.toMatchObject({ code: 'storage.sealed' });
  });

  test('goes to its hosts alone', async () => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', { ...CRM, hosts: ['API.example.com', '[2606:4700::1111]'] });
    expect(await app.secrets.open('crm', 'api.example.com', '/x')).toBe(VALUE);
    expect(await app.secrets.open('crm', '[2606:4700::1111]', '/x')).toBe(VALUE);
    for (const host of ['evil.example', 'api.example.com.evil.example', 'sub.api.example.com'])
      await expect(app.secrets.open('crm', host, '/source/auth/token')).rejects.toMatchObject({
        code: 'outbound.blocked',
        pointer: '/source/auth/token',
      });
    await app.call('PATCH', '/secrets/crm', { hosts: ['*'] });
    expect(await app.secrets.open('crm', 'evil.example', '/x')).toBe(VALUE);
  });

  test('that something refers to stays, and says what', async () => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
    app.uses.set('crm', [{ kind: 'syncTask', id: 'tsk_1', name: 'orders' }]);
    const usedBy = [{ kind: 'syncTask', id: 'tsk_1', name: 'orders' }];
    expect((await app.call('GET', '/secrets/crm')).body.usedBy).toEqual(usedBy);
    expect(await app.call('DELETE', '/secrets/crm')).toMatchObject({
      status: 409,
      body: { code: 'resource.conflict', usedBy },
    });
  });

  test.each<[what: string, method: string, path: string, body: unknown, status: number, said: object]>([
    ['no value', 'POST', '/secrets', { name: 'a', hosts: ['*'] }, 400, { code: 'request.invalid' }],
    [
      'an empty value',
      'POST',
      '/secrets',
      { name: 'a', value: '', hosts: ['*'] },
      400,
      { pointer: '/value' },
    ],
    ['no hosts', 'POST', '/secrets', { name: 'a', value: 'v' }, 400, { code: 'request.invalid' }],
    [
      'a pattern of hosts',
      'POST',
      '/secrets',
      { name: 'a', value: 'v', hosts: ['*.com'] },
      400,
      { pointer: '/hosts/0' },
    ],
    [
      'an unknown field',
      'POST',
      '/secrets',
      { name: 'a', value: 'v', hosts: ['*'], env: 'X' },
      400,
      { pointer: '/env' },
    ],
    [
      'a host with a path',
      'POST',
      '/secrets',
      { name: 'a', value: 'v', hosts: ['h/x'] },
      400,
      { pointer: '/hosts/0' },
    ],
    ['a name that is taken', 'POST', '/secrets', CRM, 409, { code: 'resource.conflict', pointer: '/name' }],
    ['a new name', 'PATCH', '/secrets/crm', { name: 'b' }, 400, { pointer: '/name' }],
    ['an empty change', 'PATCH', '/secrets/crm', {}, 400, { code: 'request.invalid' }],
    ['a secret that is not there', 'PATCH', '/secrets/x', { value: 'v' }, 404, { code: 'resource.notFound' }],
  ])('%s is refused', async (_, method, path, body, status, said) => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
    const answer = await app.call(method, path, body);
    expect(answer.body).toMatchObject(said);
    expect(answer.status).toBe(status);
  });

  test.each([
    ['GET', '/secrets', undefined],
    ['GET', '/secrets/crm', undefined],
    ['POST', '/secrets', { name: 'b', value: 'v', hosts: ['*'] }],
    ['PATCH', '/secrets/crm', { value: 'v' }],
    ['DELETE', '/secrets/crm', undefined],
  ])('%s %s is for admins', async (method, path, body) => {
    await using folder = await folderOf();
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
    expect((await app.call(method, path, body, VIEWER)).body).toMatchObject({ code: 'auth.forbidden' });
    expect((await app.call(method, path, body, {})).body).toMatchObject({ code: 'auth.required' });
  });
});

test('a rotated key: values are sealed anew at start, and open with the new key alone', async () => {
  await using folder = await folderOf();
  await (async () => {
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
  })();
  await (async () => {
    await using app = await open(folder.path, SECOND_KEY, FIRST_KEY);
    expect(await app.reseal()).toMatchObject({ resealed: 1, unreadable: 0 });
    expect(await app.reseal()).toMatchObject({ resealed: 0, unreadable: 0 });
  })();
  await using app = await open(folder.path, SECOND_KEY);
  expect(await app.secrets.open('crm', 'h', '/x')).toBe(VALUE);
  expect((await app.call('GET', '/secrets/crm')).body).toMatchObject({ version: 1 });
});

test('a lost key: the start goes on, the loss is logged, and a new value heals it', async () => {
  await using folder = await folderOf();
  await (async () => {
    await using app = await open(folder.path);
    await app.call('POST', '/secrets', CRM);
  })();
  await using app = await open(folder.path, SECOND_KEY);
  expect(await app.reseal()).toMatchObject({ resealed: 0, unreadable: 1 });
  expect(app.logged.join('\n')).toContain('secret.unreadable');
  await expect(app.secrets.open('crm', 'h', '/x')).rejects.toMatchObject({ code: 'storage.sealed' });
  await app.call('PATCH', '/secrets/crm', { value: NEW_VALUE });
  expect(await app.secrets.open('crm', 'h', '/x')).toBe(NEW_VALUE);
});
