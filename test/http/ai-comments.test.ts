import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { HOSTILE, outsideOfData } from '../support/ai/hostile.ts';
import { scriptedModel, toldTo } from '../support/ai/scripted-model.ts';
import { startMariadb } from '../support/mariadb-server.ts';
import { startPostgres, type TestServer } from '../support/postgres-server.ts';
import { openService, type TestService } from '../support/service-kit.ts';

const KEY = 'sk-comments-0123456789';
const PLAIN = 'Turnover of the shop, ask finance@example.com';
const COUNT = { kind: 'spec', measures: [{ agg: 'count', as: 'n' }] };
const counted = { answerable: true, query: COUNT };

const TEXTS = [PLAIN, ...HOSTILE];
const tables = TEXTS.map((text, i) => [`t${i}`, text] as const);

const doubled = (text: string) => `'${text.replaceAll("'", "''")}'`;
const POSTGRES = `${tables
  .map(
    ([name, text]) =>
      `CREATE TABLE ${name} (shop integer, amount integer); INSERT INTO ${name} VALUES (1, 2);
       COMMENT ON TABLE ${name} IS ${doubled(`T ${text}`)}; COMMENT ON COLUMN ${name}.amount IS ${doubled(text)};`,
  )
  .join('\n')}`;
const escaped = (text: string) => doubled(text.replaceAll('\\', '\\\\'));
const MARIADB = `SET NAMES utf8mb4;\n${tables
  .map(
    ([name, text]) =>
      `CREATE TABLE ${name} (shop integer, amount integer COMMENT ${escaped(text)}) CHARACTER SET utf8mb4 COMMENT ${escaped(`T ${text}`)};
       INSERT INTO ${name} VALUES (1, 2);`,
  )
  .join('\n')}`;

describe.each([
  ['postgres', 'postgresql', startPostgres, POSTGRES],
  ['mysql', 'mysql', startMariadb, MARIADB],
] as const)('comments of %s', (type, scheme, start, statements) => {
  let server: TestServer;
  let service: TestService;
  let model: ReturnType<typeof scriptedModel>;
  const ask = (from: object) => service.call('POST', '/api/ai/ask', { from, question: 'how many?' });
  const outside = () =>
    model.seen.flatMap(({ body }) =>
      (body.messages as { content: string }[]).map(({ content }) => outsideOfData(content)),
    );

  /** The source as the model was told of it. */
  const source = () => {
    const { content } = (model.seen[0]!.body.messages as { content: string }[]).at(-1)!;
    return JSON.parse(/The source:\n```json\n([^\n]*)\n```/.exec(content)![1]!) as object;
  };

  beforeAll(async () => {
    server = await start();
    server.admin(statements, server.database);
    model = scriptedModel(counted);
    service = await openService({ OUTBOUND_ALLOW: '127.0.0.0/8', QUERY_BURST: '1000' });
    const { user, password, host, port, database } = server;
    const dsn = `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
    const made = await service.call('POST', '/api/datasources', { name: 'erp', type, dsn });
    expect(made.status).toBe(201);
    await service.call('PUT', '/api/ai/config', {
      provider: 'compatible',
      model: 'm',
      baseUrl: model.url,
      key: KEY,
    });
  }, 60_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('are told with tables and columns, without people’s addresses', async () => {
    model.say(counted);
    const { json: answer } = await ask({ datasource: 'erp', table: 't0' });
    expect(answer).toMatchObject({ kind: 'answer', result: { rows: [[1]] } });
    expect(toldTo(model)).toContain('T Turnover of the shop, ask [email]');
    expect(toldTo(model)).toContain('\\"amount\\",\\"type\\":\\"integer\\",\\"description\\":\\"Turnover');
    expect(toldTo(model)).not.toContain('finance@example.com');
  });

  test('are told of the tables of a model, where the model itself says nothing', async () => {
    const made = await service.call('POST', '/api/models', {
      name: 'sales',
      from: { datasource: 'erp', table: 't0' },
      joins: [{ table: 't2', as: 'x', on: [['shop', 'x.shop']] }],
      dimensions: [{ name: 'shop', field: 'shop', description: 'The shop' }],
    });
    expect(made.status).toBe(201);
    model.say(counted);
    await ask({ model: 'sales' });
    expect(toldTo(model)).toContain('Turnover of the shop');
    expect(toldTo(model)).toContain('developer mode'); // of the joined table
    await service.call('PATCH', '/api/models/sales', {
      descriptions: [{ name: 'amount', description: 'By the model' }],
    });
    model.say(counted);
    await ask({ model: 'sales' });
    expect(toldTo(model)).toContain('By the model');
    expect(toldTo(model)).not.toContain('Turnover of the shop');
  });

  test('however hostile, stay data', async () => {
    model.say(counted);
    await ask({ datasource: 'erp', table: 't0' });
    const plain = outside();
    expect(plain.join()).toContain('«data»');
    for (const [name, text] of tables.slice(1)) {
      model.say(counted);
      const { json: answer, text: body } = await ask({ datasource: 'erp', table: name });
      expect([text, answer.kind, answer.result?.rows]).toEqual([text, 'answer', [[1]]]);
      expect(source()).toMatchObject({ description: `T ${text}`, fields: [{}, { description: text }] });
      expect([text, outside()]).toEqual([text, plain]);
      expect(body).not.toContain(KEY);
      expect(model.seen.every(({ path }) => path === '/chat/completions')).toBe(true);
    }
    expect(server.admin('SELECT count(*) FROM t0', server.database).trim()).toBe('1');
  });
});
