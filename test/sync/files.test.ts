import { describe, expect, test } from 'bun:test';
import { mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { SYSTEM } from '../../src/domain/audit.ts';
import { zipFile } from '../support/zip-file.ts';
import { faultOf, serve } from '../unit/outbound/kit.ts';
import { failure, openSyncKit, type SyncKitOptions } from './kit.ts';

const LOOPBACK = { OUTBOUND_ALLOW: '127.0.0.1' };
const openKit = (options: SyncKitOptions = {}) =>
  openSyncKit({ ...options, env: { ...LOOPBACK, ...options.env } });
const json = (value: unknown) => JSON.stringify(value);

/** Files of uploads on their way; none stays behind. */
const left = async (kit: { folders: { uploads: string } }) => readdir(kit.folders.uploads);

const COMPARED = {
  ...{ mode: 'incremental', primaryKey: ['a'], cursor: { column: 'a' } },
  deletes: { compareKeys: true },
};

describe('an HTTP API', () => {
  test('becomes a dataset; a snapshot follows what the API gives, in numbers too', async () => {
    await using kit = await openKit();
    let rows: object[] = [
      { id: 1, price: 1.5, at: '2026-01-01T10:00:00Z', who: { name: 'a', tags: ['x'] } },
      { id: 'big', price: 2.25, at: '2026-01-02T10:00:00Z', who: { name: 'b' } },
    ];
    await using server = await serve((request, response) => {
      const page = Number(new URL(request.url!, 'http://h').searchParams.get('page'));
      response.end(json({ data: rows.slice(page - 1, page) }).replace('"big"', '9007199254740993'));
    });
    const task = await kit.task({
      name: 'api',
      dataset: 'orders',
      mode: 'snapshot',
      source: {
        kind: 'http',
        request: { url: `${server.url}/orders` },
        root: '/data',
        paging: { type: 'page', parameter: 'page' },
      },
    });
    expect(task.datasetId).toBeNull();
    expect(await kit.sync('api')).toMatchObject({ rowsRead: 2, rowCount: 2, generation: 1 });
    const { columns } = await kit.datasets.get('orders');
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id integer',
      'price float',
      'at timestamptz',
      'who.name text',
      'who.tags json',
    ]);
    expect(await kit.rows('orders', ['id', 'price'])).toContainEqual(['9007199254740993', 2.25]);
    rows = [];
    expect(await kit.sync('api')).toMatchObject({ rowsRead: 0, rowCount: 0, generation: 2 });
    rows = [{ id: 3, price: 'free' }];
    await kit.sync('api');
    expect(await kit.rows('orders')).toEqual([[3, 'free']]);
    expect(await left(kit)).toEqual([]);
  });

  test('incremental by a column: only what is new is asked for, rows at the boundary come once', async () => {
    await using kit = await openKit();
    const rows = [1, 2, 3].map((n) => ({ id: n, at: `2026-01-0${n}T00:00:00Z`, v: n }));
    const asked: (string | null)[] = [];
    await using server = await serve((request, response) => {
      const since = new URL(request.url!, 'http://h').searchParams.get('since');
      asked.push(since);
      response.end(json(rows.filter(({ at }) => at >= since!)));
    });
    await kit.task({
      name: 'api',
      dataset: 'd',
      mode: 'incremental',
      cursor: { column: 'at' },
      source: {
        kind: 'http',
        request: { url: server.url, query: { since: '{{from | iso ?? 2026-01-01T00:00:00Z}}' } },
      },
    });
    expect(await kit.sync('api')).toMatchObject({ rowsAdded: 3, generation: 1 });
    rows.push({ id: 4, at: '2026-01-03T00:00:00Z', v: 4 }, { id: 5, at: '2026-01-09T00:00:00Z', v: 5 });
    expect(await kit.sync('api')).toMatchObject({ rowsAdded: 2, rowCount: 5, generation: 2 });
    expect(await kit.sync('api')).toMatchObject({ rowsAdded: 0, rowCount: 5, generation: 2 });
    expect(asked.slice(-3)).toEqual(['2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z', '2026-01-09T00:00:00Z']);
    expect((await kit.rows('d', ['v'])).flat()).toEqual([1, 2, 3, 4, 5]);
    rows[1]!.v = 20;
    expect(await kit.sync('api', { backfill: { from: '2026-01-02', to: '2026-01-03' } })).toMatchObject({
      rowCount: 5,
    });
    expect((await kit.rows('d', ['v'])).flat().sort()).toEqual([1, 20, 3, 4, 5]);
  });

  test('incremental by what the API remembers, with a key: rows take the place of their older forms', async () => {
    await using kit = await openKit();
    const changes: Record<string, object> = {
      start: {
        rows: [
          { id: 1, v: 'a' },
          { id: 2, v: 'b' },
        ],
        next: 't1',
      },
      t1: {
        rows: [
          { id: 2, v: 'older' },
          { id: 2, v: 'c' },
          { id: 3, v: null },
        ],
        next: 't2',
      },
      t2: { rows: [], next: 't2' },
    };
    await using server = await serve((request, response) =>
      response.end(json(changes[new URL(request.url!, 'http://h').searchParams.get('token')!])),
    );
    await kit.task({
      name: 'api',
      dataset: 'd',
      mode: 'incremental',
      primaryKey: ['id'],
      source: {
        kind: 'http',
        request: { url: server.url, query: { token: '{{cursor ?? start}}' } },
        root: '/rows',
        remember: { path: '/next' },
      },
    });
    await kit.sync('api');
    expect((await kit.tasks.get('api')).checkpoint?.mark).toBe('t1');
    await kit.sync('api');
    expect(await kit.rows('d')).toEqual([
      [1, 'a'],
      [2, 'c'],
      [3, null],
    ]);
    expect(await kit.sync('api')).toMatchObject({ isUnchanged: true, rowCount: 3, generation: 2 });
    expect(await kit.sync('api', { full: true })).toMatchObject({ rowCount: 2 });
  });

  test('a failure leaves the dataset and the checkpoint as they are', async () => {
    await using kit = await openKit();
    await kit.secrets.create({ name: 'key', value: 's3cret', hosts: ['127.0.0.1'] }, SYSTEM);
    let page = json([{ a: 1 }]);
    let status = 200;
    await using server = await serve((request, response) =>
      response.writeHead(request.headers['x-key'] === 's3cret' ? status : 401).end(page),
    );
    const auth = { type: 'header', name: 'X-Key', value: { secret: 'key' } } as const;
    const source = { kind: 'http', request: { url: server.url }, auth, retry: { attempts: 0 } } as const;
    await kit.task({ name: 'api', dataset: 'd', mode: 'snapshot', source });
    await kit.sync('api');
    [page, status] = ['inner words', 500];
    expect(await faultOf(kit.sync('api'))).toMatchObject({ code: 'source.http', sourceStatus: 500, page: 1 });
    [page, status] = ['[{"a":1},{"a":inner words', 200];
    const fault = await faultOf(kit.sync('api'));
    expect(fault).toMatchObject({ code: 'source.format', page: 1 });
    expect(json(fault)).not.toMatch(/inner words|s3cret/);
    await kit.secrets.update('key', { value: 'wrong' }, SYSTEM);
    expect(await faultOf(kit.sync('api'))).toMatchObject({ code: 'source.auth', sourceStatus: 401 });
    expect(await kit.rows('d')).toEqual([[1]]);
    expect(await kit.secrets.get('key')).toMatchObject({ usedBy: [{ kind: 'syncTask', name: 'api' }] });
    expect(await faultOf(kit.secrets.remove('key', SYSTEM))).toMatchObject({ code: 'resource.conflict' });
    expect(await left(kit)).toEqual([]);
    expect(`${json(kit.logged)}${json(kit.runLog)}`).not.toMatch(/inner words|s3cret/);
  });

  test.each<[what: string, task: object, pointer: string]>([
    [
      'a secret that is not there',
      {
        source: {
          kind: 'http',
          request: { url: 'http://127.0.0.1:9/' },
          auth: { type: 'bearer', token: { secret: 'none' } },
        },
      },
      '/source/auth/token',
    ],
    [
      'an address that may not be called',
      { source: { kind: 'http', request: { url: 'http://169.254.169.254/' } } },
      '/source',
    ],
    [
      'a placeholder without a value',
      { source: { kind: 'http', request: { url: 'http://127.0.0.1:9/{{from}}' } } },
      '/source',
    ],
    [
      'a watched folder without a root',
      { source: { kind: 'folder', path: 'in', take: 'newest' } },
      '/source/path',
    ],
    [
      'a key comparison with an API that is asked for a part',
      {
        ...COMPARED,
        source: { kind: 'http', request: { url: 'http://127.0.0.1:9/?since={{cursor ?? 0}}' } },
      },
      '/deletes/compareKeys',
    ],
    [
      'a key comparison with an API that remembers',
      {
        ...COMPARED,
        source: { kind: 'http', request: { url: 'http://127.0.0.1:9/' }, remember: { path: '/next' } },
      },
      '/deletes/compareKeys',
    ],
    [
      'a key comparison with files that come one after another',
      { ...COMPARED, source: { kind: 'folder', path: 'in', take: 'each' } },
      '/deletes/compareKeys',
    ],
    ['a snapshot of what is new', { source: { kind: 'folder', path: 'in', take: 'each' } }, '/mode'],
  ])('%s is refused when the task is made', async (_, task, pointer) => {
    await using kit = await openKit();
    const made = kit.task({ name: 't', dataset: 'd', mode: 'snapshot', ...task } as never);
    await expect(made).rejects.toMatchObject({ pointer });
    expect(await kit.tasks.list(10)).toEqual([]);
  });
});

describe('a file at a URL', () => {
  test.each(['with', 'without'])(
    'is read anew when it has changed, %s validators of the server',
    async (kind) => {
      await using kit = await openKit();
      let [content, etag] = ['a,b\n1,x\n', '"1"'];
      const statuses: number[] = [];
      await using server = await serve((request, response) => {
        const isSame = kind === 'with' && request.headers['if-none-match'] === etag;
        statuses.push(isSame ? 304 : 200);
        response
          .writeHead(isSame ? 304 : 200, kind === 'with' ? { etag } : {})
          .end(isSame ? undefined : content);
      });
      await kit.task({
        name: 'u',
        dataset: 'd',
        mode: 'snapshot',
        source: { kind: 'url', url: `${server.url}/x/data.csv` },
      });
      expect(await kit.sync('u')).toMatchObject({ rowCount: 1, generation: 1 });
      expect(await kit.sync('u')).toMatchObject({ isUnchanged: true, rowCount: 1, generation: 1 });
      [content, etag] = ['a,b\n1,x\n2,y\n', '"2"'];
      expect(await kit.sync('u')).toMatchObject({ rowCount: 2, generation: 2 });
      expect(await kit.sync('u', { full: true })).toMatchObject({ rowCount: 2, generation: 3 });
      expect(statuses).toEqual(kind === 'with' ? [200, 200, 304, 200, 200] : [200, 200, 200, 200, 200]);
      expect(await left(kit)).toEqual([]);
    },
  );

  test('compressed in each way; of a zip archive, the member that is named', async () => {
    await using kit = await openKit();
    const text = 'a,b\n1,2.5\n';
    const bodies: Record<string, Uint8Array> = {
      '/a.csv.zst': zstdCompressSync(text),
      '/a.csv.bz2': Buffer.from(
        'QlpoMTFBWSZTWbzHKEUAAARZgAAQAAQwADAAAGAgADEMCCNBmo4EIheLuSKcKEheY5QigA==',
        'base64',
      ),
      '/a.zip': zipFile([
        { name: 'readme.txt', content: 'hello' },
        { name: 'data/a-2024.csv', content: text },
      ]),
    };
    await using server = await serve((request, response) => response.end(bodies[request.url!]));
    for (const path of ['/a.csv.zst', '/a.csv.bz2', '/a.zip']) {
      const options = path === '/a.zip' ? { options: { member: 'data/*.csv' } } : {};
      await kit.task({
        name: path,
        dataset: path,
        mode: 'snapshot',
        source: { kind: 'url', url: `${server.url}${path}`, ...options },
      });
      await kit.sync(path);
      expect((await kit.rows(path))[0]![0]).toBe(1);
    }
    const source = { kind: 'url', url: `${server.url}/a.zip` } as const;
    const several = kit.task({ name: 'several', dataset: 'several', mode: 'snapshot', source });
    expect(await failure(several)).toMatchObject({
      code: 'dataset.badFile',
      pointer: '/source/options/member',
      params: { members: ['readme.txt', 'data/a-2024.csv'] },
    });
    expect(await left(kit)).toEqual([]);
  });

  test('of each format, by its name, its media type or what is said of it', async () => {
    await using kit = await openKit();
    const parquet = join(kit.folder, 'x.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (SELECT 1 AS a, 2.5::DECIMAL(9, 1) AS b) TO '${parquet}' (FORMAT parquet)`);
    connection.closeSync();
    const files: Record<string, [body: string | Uint8Array, type: string]> = {
      '/a.csv': ['a;b\n1;2,5\n', 'application/octet-stream'],
      '/a.csv.gz': [gzipSync('a,b\n1,2.5\n'), 'application/gzip'],
      '/tsv': ['a\tb\n1\t2.5\n', 'text/tab-separated-values'],
      '/json': ['[{"a":1,"b":2.5}]', 'application/json'],
      '/parquet': [await Bun.file(parquet).bytes(), 'application/octet-stream'],
      '/lines': ['{"a":1,"b":2.5}\n', 'text/plain'],
    };
    await using server = await serve((request, response) => {
      const [body, type] = files[request.url!]!;
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    for (const [path, format] of [
      ['/a.csv'],
      ['/a.csv.gz'],
      ['/tsv'],
      ['/json'],
      ['/parquet'],
      ['/lines', 'ndjson'],
    ] as const) {
      const source = { kind: 'url', url: `${server.url}${path}`, ...(format ? { format } : {}) } as const;
      await kit.task({ name: path, dataset: path, mode: 'snapshot', source });
      await kit.sync(path);
      const [[a, b] = []] = await kit.rows(path);
      expect([path, a, Number(b)]).toEqual([path, 1, 2.5]);
    }
  });
});

describe('a text in another encoding than UTF-8', () => {
  const CASES: [said: string, bytes: Buffer, shown: string][] = [
    ['text/csv; charset=ISO-8859-1', Buffer.from('a,b\n1,é €\n'.replace('€', '\x80'), 'latin1'), 'é €'],
    ['text/csv; charset="windows-1250"', Buffer.from('a,b\n1,\xbe\n', 'latin1'), 'ľ'],
    // Servers say one encoding of every file.
    ['text/csv; charset=iso-8859-1', Buffer.from('a,b\n1,ľ\n'), 'ľ'],
    ['text/csv; charset=nonsense', Buffer.from('a,b\n1,ľ\n'), 'ľ'],
  ];
  test('is read in that which its server names, unless every byte is UTF-8', async () => {
    await using kit = await openKit();
    await using server = await serve((request, response) => {
      const [said, bytes] = CASES[Number(request.url!.at(-1))]!;
      response.writeHead(200, { 'content-type': said }).end(bytes);
    });
    for (const [i, [, , shown]] of CASES.entries())
      for (const source of [
        { kind: 'url' as const, url: `${server.url}/${i}` },
        { kind: 'http' as const, request: { url: `${server.url}/${i}` }, format: 'csv' as const },
      ]) {
        const name = `${source.kind}${i}`;
        await kit.task({ name, dataset: name, mode: 'snapshot', source });
        await kit.sync(name);
        expect([name, await kit.rows(name, ['b'])]).toEqual([name, [[shown]]]);
      }
  });

  test('a page for people, as a sign-in, is no table', async () => {
    await using kit = await openKit();
    await using server = await serve((_, response) =>
      response.end('\n<!DOCTYPE html><html><body>Sign in, please</body></html>'),
    );
    const source = { kind: 'url' as const, url: `${server.url}/data.csv` };
    const made = kit.task({ name: 'page', dataset: 'page', mode: 'snapshot', source });
    expect(await failure(made)).toMatchObject({ code: 'dataset.badFile', pointer: '/source' });
  });
});

describe('a watched folder', () => {
  const OLD = new Date(Date.now() - 3_600_000);
  async function openFolder(env: Record<string, string> = {}) {
    const root = join('/tmp', `watch-${crypto.randomUUID()}`);
    await mkdir(join(root, 'in'), { recursive: true });
    const kit = await openKit({ env: { WATCH_ROOT: root, ...env } });
    return {
      ...{ root, kit },
      async put(name: string, content: string, at: Date = OLD): Promise<void> {
        await writeFile(join(root, 'in', name), content);
        await utimes(join(root, 'in', name), at, at);
      },
      names: async (folder = 'in') => (await readdir(join(root, folder))).sort(),
      async [Symbol.asyncDispose]() {
        await kit[Symbol.asyncDispose]();
        await rm(root, { recursive: true });
      },
    };
  }
  const later = (minutes: number) => new Date(OLD.getTime() + minutes * 60_000);
  const each = { kind: 'folder', path: 'in', pattern: '*.csv', take: 'each' } as const;
  const task = { name: 'f', dataset: 'd', mode: 'incremental' } as const;

  test('adds each file once, whatever comes and goes', async () => {
    await using at = await openFolder();
    const { kit } = at;
    await kit.task({ ...task, source: each });
    expect(await kit.sync('f')).toMatchObject({ isUnchanged: true, datasetId: null });
    await at.put('1.csv', 'a,b\n1,x\n');
    await at.put('2.csv', 'a,b,c\n2.5,y,new\n', later(1));
    await at.put('other.txt', 'nothing');
    expect(await kit.sync('f')).toMatchObject({ rowsAdded: 2, rowCount: 2, generation: 1 });
    expect(await kit.rows('d')).toEqual([
      ['1.0', 'x', null],
      ['2.5', 'y', 'new'],
    ]);
    expect(await kit.sync('f')).toMatchObject({ isUnchanged: true, rowCount: 2 });
    await at.put('3.csv', 'b,a\nz,3\n', later(2));
    await at.put('1.csv', 'a,b\n1,x\n', later(3));
    expect(await kit.sync('f')).toMatchObject({ rowsAdded: 1, rowCount: 3 });
    await at.put('1.csv', 'a,b\n1,changed\n', later(4));
    expect(await kit.sync('f')).toMatchObject({ rowsAdded: 1, rowCount: 4 });
    expect((await kit.rows('d', ['a'])).flat()).toEqual(['1.0', '1.0', '2.5', '3.0']);
    expect(await left(kit)).toEqual([]);
    expect(await kit.sync('f', { full: true })).toMatchObject({ rowCount: 3 });
  });

  test('puts a file without rows away, and does not read it again', async () => {
    await using at = await openFolder();
    const { kit } = at;
    await kit.task({ ...task, source: { ...each, after: 'move' } });
    await at.put('1.csv', 'a,b\n1,x\n');
    await kit.sync('f');
    await at.put('2.csv', 'a,b\n', later(1));
    expect(await kit.sync('f')).toMatchObject({ rowsAdded: 0, rowCount: 1, generation: 1 });
    expect(await at.names('in/done')).toEqual(['1.csv', '2.csv']);
    expect(await kit.sync('f')).toMatchObject({ isUnchanged: true });
    const { checkpoint } = await kit.tasks.get('f');
    expect(checkpoint?.mark).toMatchObject({ taken: [{ name: '1.csv' }, { name: '2.csv' }] });
    expect(await failure(kit.sync('f', { backfill: { from: '1' } }))).toMatchObject({
      code: 'request.invalid',
      pointer: '/backfill',
    });
  });

  test('leaves what may be half written for the next run', async () => {
    await using at = await openFolder();
    const { kit } = at;
    await at.put('1.csv', 'a\n1\n');
    await at.put('2.csv', 'a\n2', new Date());
    await kit.task({ ...task, source: { ...each, settleS: 60 } });
    expect(await kit.sync('f')).toMatchObject({ rowCount: 1 });
    await at.put('2.csv', 'a\n2\n3\n');
    expect(await kit.sync('f')).toMatchObject({ rowCount: 3 });
  });

  test.each(['move', 'delete'] as const)(
    'after: %s, when the rows are published and not before',
    async (after) => {
      await using at = await openFolder();
      const { kit } = at;
      await at.put('1.csv', 'a\n1\n');
      await kit.task({ ...task, source: { ...each, after } });
      await at.put('2.csv', 'a\n"broken\n', later(1));
      await expect(kit.sync('f')).rejects.toMatchObject({ code: expect.stringMatching(/dataset\./) });
      expect(await at.names()).toEqual(['1.csv', '2.csv']);
      await rm(join(at.root, 'in', '2.csv'));
      await kit.sync('f');
      expect(await at.names()).toEqual(after === 'move' ? ['done'] : []);
      if (after === 'move') expect(await at.names('in/done')).toEqual(['1.csv']);
      await at.put('1.csv', 'a\n1\n', later(5));
      expect(await kit.sync('f')).toMatchObject({ isUnchanged: true, rowCount: 1 });
      await at.put('1.csv', 'a\n2\n', later(6));
      expect(await kit.sync('f')).toMatchObject({ rowCount: 2 });
      if (after === 'move') expect((await at.names('in/done')).length).toBe(3);
    },
  );

  test('newest: one file is all there is, and an older one never takes its place', async () => {
    await using at = await openFolder();
    const { kit } = at;
    await at.put('1.csv', 'a\n1\n');
    await at.put('2.csv', 'a\n2\n3\n', later(1));
    await kit.task({ ...task, mode: 'snapshot', source: { ...each, take: 'newest' } });
    await kit.sync('f');
    expect((await kit.rows('d')).flat()).toEqual([2, 3]);
    expect(await kit.sync('f')).toMatchObject({ isUnchanged: true });
    await rm(join(at.root, 'in', '2.csv'));
    expect(await kit.sync('f')).toMatchObject({ isUnchanged: true });
    await at.put('3.csv', 'a\n4\n', later(2));
    await kit.sync('f');
    expect((await kit.rows('d')).flat()).toEqual([4]);
  });

  test('does not lead out of its root', async () => {
    await using at = await openFolder();
    const { kit, root } = at;
    const outside = `${root}-outside`;
    await mkdir(outside);
    try {
      await writeFile(join(outside, 'secret.csv'), 'a\nsecret\n');
      await symlink(outside, join(root, 'link'));
      await symlink(join(outside, 'secret.csv'), join(root, 'in', 'link.csv'));
      for (const path of ['../x', '/etc', 'in/../../x', '..'])
        await expect(kit.task({ ...task, source: { ...each, path } })).rejects.toMatchObject({
          code: 'request.invalid',
          pointer: '/source/path',
        });
      await expect(kit.task({ ...task, source: { ...each, path: 'link' } })).rejects.toMatchObject({
        code: 'source.folder',
        params: { reason: 'outside' },
      });
      await expect(kit.task({ ...task, source: { ...each, path: 'nowhere' } })).rejects.toMatchObject({
        code: 'source.folder',
        params: { reason: 'missing' },
      });
      await kit.task({ ...task, source: each });
      expect(await kit.sync('f')).toMatchObject({ isUnchanged: true, datasetId: null });
      await rename(join(root, 'in'), join(root, 'was'));
      await symlink(outside, join(root, 'in'));
      await expect(kit.sync('f')).rejects.toMatchObject({ code: 'source.folder' });
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  test('with more files than are allowed is refused, and counted', async () => {
    await using at = await openFolder({ WATCH_MAX_FILES: '2' });
    for (const n of [1, 2, 3]) await at.put(`${n}.csv`, 'a\n1\n');
    await expect(at.kit.task({ ...task, source: each })).rejects.toMatchObject({
      code: 'source.folder',
      params: { limit: 'WATCH_MAX_FILES' },
    });
    expect(await at.kit.parts.metrics.registry.metrics()).toContain(
      'limits_hit_total{limit="WATCH_MAX_FILES"} 1',
    );
  });
});
