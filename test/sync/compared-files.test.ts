import { describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../unit/outbound/kit.ts';
import { openSyncKit, type SyncKitOptions } from './kit.ts';

const openKit = (options: SyncKitOptions = {}) =>
  openSyncKit({ ...options, env: { OUTBOUND_ALLOW: '127.0.0.1', ...options.env } });
const json = (value: unknown) => JSON.stringify(value);
const left = async (kit: { folders: { uploads: string } }) => readdir(kit.folders.uploads);

describe('keys that a source of whole files has no more', () => {
  const task = {
    ...{ mode: 'incremental' as const, primaryKey: ['a'], cursor: { column: 'a' } },
    deletes: { compareKeys: true as const },
  };

  test.each(['a URL', 'the newest file of a folder', 'an API of several pages'])(
    'are taken away: %s',
    async (of) => {
      const root = await mkdtemp(join(tmpdir(), 'compared-'));
      await using kit = await openKit({ env: { WATCH_ROOT: root } });
      await mkdir(join(root, 'in'));
      let rows: { a: number; v: string }[] = [];
      const csv = () => `a,v\n${rows.map(({ a, v }) => `${a},${v}\n`).join('')}`;
      await using server = await serve((request, response) => {
        const page = new URL(request.url!, 'http://h').searchParams.get('page');
        if (page === null) response.writeHead(200, { 'content-type': 'text/csv' }).end(csv());
        else response.end(json(rows.slice(2 * Number(page) - 2, 2 * Number(page))));
      });
      let files = 0;
      const give = async (...given: [number, string][]) => {
        rows = given.map(([a, v]) => ({ a, v }));
        const path = join(root, 'in', `${++files}.csv`);
        await writeFile(path, csv());
        await utimes(path, files, files);
      };
      const source = {
        'a URL': { kind: 'url' as const, url: `${server.url}/all.csv` },
        'the newest file of a folder': {
          kind: 'folder' as const,
          path: 'in',
          take: 'newest' as const,
          settleS: 0,
        },
        'an API of several pages': {
          kind: 'http' as const,
          request: { url: `${server.url}/rows` },
          paging: { type: 'page' as const, parameter: 'page' },
        },
      }[of]!;
      await give([1, 'x'], [2, 'x'], [3, 'x']);
      await kit.task({ name: 't', dataset: 'd', ...task, source });
      await kit.sync('t');
      await give([1, 'x'], [3, 'y'], [4, 'x']);
      expect(await kit.sync('t')).toMatchObject({ rowCount: 3, rowsRead: 3 });
      expect(await kit.rows('d')).toEqual([
        [1, 'x'],
        [3, 'y'],
        [4, 'x'],
      ]);
      await give();
      expect(await kit.sync('t')).toMatchObject({ rowCount: 0 });
      await give([9, 'z']);
      expect(await kit.sync('t')).toMatchObject({ rowCount: 1 });
      expect(await left(kit)).toEqual([]);
      await rm(root, { recursive: true });
    },
  );

  test('stay where rows could not be read: they might be those', async () => {
    await using kit = await openKit();
    let content = 'a,v\n1,1.5\n2,2.5\n';
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' }).end(content);
    });
    const source = {
      kind: 'url' as const,
      url: `${server.url}/all.csv`,
      options: { badRows: 'keepAside' as const },
    };
    await kit.task({ name: 't', dataset: 'd', ...task, source });
    await kit.sync('t');
    content = 'a,v\n2,2.5\n3,3.5,too,many\n';
    await kit.sync('t');
    expect((await kit.rows('d')).map(([a]) => a)).toEqual([1, 2]);
    expect(kit.runLog.map(({ text }) => text)).toContain(
      'Keys were not compared: rows that could not be read were left out',
    );
    content = 'a,v\n2,2.5\n3,3.5\n';
    await kit.sync('t');
    expect((await kit.rows('d')).map(([a]) => a)).toEqual([2, 3]);
  });
});
