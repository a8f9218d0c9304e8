import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openService, type TestService } from '../support/service-kit.ts';

const readme = readFileSync(join(import.meta.dir, '../../README.md'), 'utf8');

/** Columns of the demo data, a few rows. */
const ORDERS = `order_id,ordered_at,region,country,channel,category,product,status,customer_id,quantity,amount,discount
1,2024-01-05 10:00:00,Europe,IT,web,a,b,paid,1,2,100.00,0.10
2,2024-02-05 11:00:00,Middle East,AE,shop,a,c,shipped,2,1,50.25,
3,2024-02-06 11:00:00,Europe,IT,web,a,c,cancelled,2,1,7.00,`;

interface Example {
  path: string;
  body: string;
}

/** Requests with JSON, as they stand in the README; databases and providers of AI are not there to be asked. */
const examples: Example[] = [
  ...readme.matchAll(
    /^curl (?:[^'\n]|\\\n)*?127\.0\.0\.1:8000(\/api\/\S+)[^\n]*(?:\\\n)?[^\n]*? -d '([^']*)'/gm,
  ),
].flatMap(([, path, body]) =>
  /datasource|auth\/login|\/ai\//.test(path! + body!) ? [] : [{ path: path!, body: body! }],
);
const expression = /^```jsonc\n(\{ "from": \{"dataset": "orders"\},[\s\S]*?"expr"[\s\S]*?)```/m.exec(
  readme,
)![1]!;

let service: TestService;
beforeAll(async () => {
  service = await openService();
  expect((await service.upload('orders', 'orders.csv', ORDERS)).status).toBe(201);
  const managers = /^printf '([^']*)' > managers\.csv/m.exec(readme)![1]!.replaceAll('\\n', '\n');
  expect((await service.upload('managers', 'managers.csv', managers)).status).toBe(201);
});
afterAll(() => service[Symbol.asyncDispose]());

test('the first pivot, a model and a pivot over it are among the requests', () => {
  expect(examples.map(({ path }) => path)).toEqual(['/api/query/pivot', '/api/models', '/api/query/pivot']);
});

test.each(examples)('the request to $path is answered', async ({ path, body }) => {
  const { json } = await service.call('POST', path, body);
  expect(json).not.toHaveProperty('code');
  if (path === '/api/query/pivot') expect(json.cells.at(-1).at(-1)).not.toBeNull();
});

test('the expressions mean what they say', async () => {
  const { json } = await service.call('POST', '/api/query/spec', expression);
  expect(json.rows).toEqual([
    ['large', '200.00'],
    ['small', '57.25'],
  ]);
});

test('the schedule is one', async () => {
  const written = /^```jsonc\n(\{"name": "nightly"[\s\S]*?)```/m.exec(readme)![1]!;
  const schedule = JSON.parse(written.replaceAll(/ \/\/.*$/gm, ''));
  const days = { weekend: ['saturday', 'sunday'], holidays: [] };
  expect(
    (await service.call('POST', '/api/calendars', { name: schedule.calendar, ...days })).json,
  ).not.toHaveProperty('code');
  // Its task is that of a database.
  const { json } = await service.call('POST', '/api/schedules', schedule);
  expect(json).toMatchObject({ code: 'resource.notFound', task: 'orders' });
});
