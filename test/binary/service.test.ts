import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { zipFile } from '../support/zip-file.ts';
import { type Running, Shipped } from './shipped.ts';

const PASSWORD = 'correct horse battery';

/** region, channel, amount; a null, an empty text and a member called Total are three things. */
const ROWS: readonly [string | null, string, number][] = [
  ['EU', 'web', 10.25],
  ['EU', 'web', 5.5],
  ['EU', 'store', 1],
  ['US', 'web', 7],
  ['US', 'store', 3.1],
  ['Total', 'web', 2],
  [null, 'store', 0.15],
];

const CSV = [
  'region,channel,amount',
  ...ROWS.map(([region, channel, amount]) => `${region ?? ''},${channel},${amount}`),
].join('\n');

const PIVOT = {
  from: { dataset: 'orders' },
  rows: ['region'],
  columns: ['channel'],
  measures: [
    { agg: 'sum', field: 'amount', as: 'revenue' },
    { agg: 'count', as: 'orders' },
  ],
  totals: { rows: 'all', columns: 'all' },
};

interface Pivot {
  rows: { members: (string | null)[][]; level: number[] };
  columns: { members: (string | null)[][] };
  cells: (string | number | null)[][];
}

let shipped: Shipped;
let running: Running;
let token: string;

beforeAll(async () => {
  shipped = new Shipped();
  running = await shipped.serve();
}, 120_000);
afterAll(() => shipped[Symbol.asyncDispose]());

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const headers = new Headers(init.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  if (typeof init.body === 'string') headers.set('content-type', 'application/json');
  const answer = await fetch(`${running.url}/api${path}`, { ...init, headers });
  return { status: answer.status, body: await answer.json() };
}

const post = (path: string, body: unknown) => ask(path, { method: 'POST', body: JSON.stringify(body) });

/** What the cells must be, from the rows alone. */
function expectedCell(
  row: (string | null)[],
  column: (string | null)[],
): [sum: number | null, count: number | null] {
  const rows = ROWS.filter(
    ([region, channel]) =>
      (row.length === 0 || region === row[0]) && (column.length === 0 || channel === column[0]),
  );
  if (rows.length === 0) return [null, null];
  return [rows.reduce((sum, [, , amount]) => sum + Math.round(amount * 100), 0) / 100, rows.length];
}

function expectRightPivot(pivot: Pivot): void {
  expect(pivot.rows.members).toEqual([['EU'], ['Total'], ['US'], [null], []]);
  expect(pivot.columns.members).toEqual([['store'], ['web'], []]);
  const expected = pivot.rows.members.map((row) =>
    pivot.columns.members.flatMap((column) => expectedCell(row, column)),
  );
  const numbers = pivot.cells.map((cells) => cells.map((cell) => (cell === null ? null : Number(cell))));
  expect(numbers).toEqual(expected);
}

test('it is alive, and nothing but health is readable', async () => {
  expect(await ask('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await post('/query/pivot', PIVOT)).toMatchObject({ status: 401, body: { code: 'auth.required' } });
});

test('the generated secret is for its owner only', () => {
  expect(statSync(join(shipped.folder, 'work/.data/secret.key')).mode & 0o777).toBe(0o600);
});

test('users and keys are made while it runs, and sign in', async () => {
  const user = await shipped.run(
    ['user', 'create', '--email', 'me@example.com', '--role', 'admin', '--password-stdin'],
    {},
    `${PASSWORD}\n`,
  );
  expect(user).toMatchObject({ code: 0, err: '' });
  const signedIn = await post('/auth/login', { email: 'me@example.com', password: PASSWORD });
  expect(signedIn).toMatchObject({ status: 200, body: { user: { role: 'admin' } } });
  token = (signedIn.body as { token: string }).token;
  const key = await shipped.run([
    'key',
    'create',
    '--user',
    'me@example.com',
    '--name',
    'test',
    '--scopes',
    'read,write',
    '--json',
  ]);
  expect(key).toMatchObject({ code: 0, err: '' });
  token = (JSON.parse(key.out) as { key: string }).key;
  expect(await ask('/auth/me')).toMatchObject({ status: 200, body: { user: { email: 'me@example.com' } } });
});

test('a file goes in and a right pivot comes out', async () => {
  const form = new FormData();
  form.set('name', 'orders');
  form.set('file', new File([CSV], 'orders.csv', { type: 'text/csv' }));
  const uploaded = await ask('/datasets', { method: 'POST', body: form });
  expect(uploaded).toMatchObject({
    status: 201,
    body: { name: 'orders', rowCount: ROWS.length, generation: 1 },
  });
  const { status, body } = await post('/query/pivot', PIVOT);
  expectRightPivot(body as Pivot);
  expect(status).toBe(200);
});

const MODEL = {
  name: 'sales',
  from: { dataset: 'orders' },
  joins: [{ dataset: 'managers', as: 'm', on: [['region', 'm.region']] }],
  columns: [{ name: 'net', expr: 'round(amount * 0.8, 2)' }],
  measures: [{ name: 'revenue', agg: 'sum', field: 'net', label: 'Revenue' }],
};

const MODEL_PIVOT = {
  from: { model: 'sales' },
  rows: ['m.manager', { expr: "case when net >= 4 then 'large' else 'small' end", as: 'size' }],
  measures: ['revenue', { agg: 'max', expr: 'net - 1', as: 'most' }],
  totals: { rows: 'all' },
};

/** 8.20, 4.40, 0.80 of Ann; 5.60, 2.48 of Ben; 1.60 and 0.12 of nobody. */
async function expectRightModelPivot(): Promise<void> {
  const { body } = await post('/query/pivot', MODEL_PIVOT);
  const { rows, cells } = body as Pivot;
  expect(rows.members.map((member, row) => [...member, '=', ...cells[row]!])).toEqual([
    ['Ann', 'large', '=', '12.60', '7.20'],
    ['Ann', 'small', '=', '0.80', '-0.20'],
    ['Ann', '=', '13.40', '7.20'],
    ['Ben', 'large', '=', '5.60', '4.60'],
    ['Ben', 'small', '=', '2.48', '1.48'],
    ['Ben', '=', '8.08', '4.60'],
    [null, 'small', '=', '1.72', '0.60'],
    [null, '=', '1.72', '0.60'],
    ['=', '23.20', '7.20'],
  ]);
}

test('expands what people send, WebAssembly and all', async () => {
  const xz = '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQALYSxiCjEseAoyLHkKAEzgt25dEyFzAAEkDKYY2NgftvN9AQAAAAAEWVo=';
  const bzip2 = 'QlpoMTFBWSZTWbzHKEUAAARZgAAQAAQwADAAAGAgADEMCCNBmo4EIheLuSKcKEheY5QigA==';
  const text = 'a,b\n1,x\n2,y\n';
  const files = {
    'a.csv.xz': Buffer.from(xz, 'base64'),
    'a.csv.bz2': Buffer.from(bzip2, 'base64'),
    'a.csv.zst': zstdCompressSync(text),
    'a.zip': zipFile([{ name: 'a.csv', content: text }]),
  };
  for (const [name, content] of Object.entries(files)) {
    const form = new FormData();
    form.set('name', name);
    form.set('file', new File([new Uint8Array(content)], name));
    const uploaded = await ask('/datasets', { method: 'POST', body: form });
    expect(uploaded).toMatchObject({
      status: 201,
      body: { rowCount: 2, columns: [{ name: 'a' }, { name: 'b' }] },
    });
  }
});

test('a model with a join and expressions is made and pivoted', async () => {
  const form = new FormData();
  form.set('name', 'managers');
  form.set('file', new File(['region,manager\nEU,Ann\nUS,Ben\n'], 'managers.csv'));
  expect(await ask('/datasets', { method: 'POST', body: form })).toMatchObject({ status: 201 });
  expect(await post('/models', MODEL)).toMatchObject({ body: { name: 'sales', version: 1 }, status: 201 });
  await expectRightModelPivot();
});

test('killed without warning, it has kept the data', async () => {
  running.kill('SIGKILL');
  await running.ended;
  running = await shipped.serve();
  expectRightPivot((await post('/query/pivot', PIVOT)).body as Pivot);
  await expectRightModelPivot();
});

test('doctor knows it on its port', async () => {
  const { port } = new URL(running.url);
  const { code, out } = await shipped.run(['doctor'], { PORT: port });
  expect(out).toMatch(/^ok +port +this service \(.*\) listens on port/m);
  expect(code).toBe(0);
});

test('SIGTERM ends it with 0', async () => {
  running.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.log()).toContain('"event":"service.stopped"');
  expect(existsSync(join(shipped.folder, 'work/.data/meta.sqlite'))).toBe(true);
});

test('it starts with a quarter second of work, and small', async () => {
  const TICK_MS = 10;
  const starts: { ms: number; mib: number }[] = [];
  for (let i = 0; i < 3; i++) {
    const one = await shipped.serve();
    expect((await fetch(`${one.url}/api/healthz`)).status).toBe(200);
    // Of the processor: a clock on the wall would tell how busy the machine is.
    const fields = readFileSync(`/proc/${one.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${one.pid}/status`, 'utf8'))![1];
    starts.push({ ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS, mib: Number(rss) / 1024 });
    one.kill('SIGTERM');
    expect(await one.ended).toBe(0);
  }
  expect(Math.min(...starts.map(({ ms }) => ms))).toBeLessThan(250);
  expect(Math.min(...starts.map(({ mib }) => mib))).toBeLessThan(120);
});
