import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const ORDERS = 'region,channel,amount\nEU,web,10.50\nEU,store,3.25\nUS,web,\n';

describe('a dataset', () => {
  test('is uploaded, seen, profiled, renamed and deleted', async () => {
    const made = await lake.upload({ name: 'orders 1' }, ORDERS, 'orders.csv');
    expect(made.body).toMatchObject({
      name: 'orders 1',
      rowCount: 3,
      columns: [
        { name: 'region', type: 'text' },
        { name: 'channel', type: 'text' },
        { name: 'amount', type: 'decimal', scale: 2 },
      ],
      generation: 1,
      rejected: { count: 0 },
    });
    expect(made.status).toBe(201);
    expect(made.body.id).toMatch(/^dst_/);

    const preview = await lake.call('GET', '/datasets/orders%201/preview?limit=2&offset=1');
    expect(preview.body.rows).toEqual([
      ['EU', 'store', '3.25'],
      ['US', 'web', null],
    ]);
    expect(preview.body.meta).toMatchObject({ rowCount: 2, totalRows: 3, truncated: false });

    const profile = await lake.call('GET', `/datasets/${made.body.id}/profile`);
    expect(profile.body.rowCount).toBe(3);
    expect(profile.body.columns[0]).toMatchObject({
      name: 'region',
      nulls: 0,
      distinct: 2,
      min: 'EU',
      max: 'US',
      top: [
        { value: 'EU', count: 2 },
        { value: 'US', count: 1 },
      ],
    });
    expect(profile.body.columns[2]).toMatchObject({ nulls: 1, min: '3.25', max: '10.50', mean: 6.875 });
    const bins: { count: number }[] = profile.body.columns[2].histogram;
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(2);

    const patched = await lake.json('PATCH', `/datasets/${made.body.id}`, {
      name: 'renamed',
      description: 'd',
    });
    expect(patched.body).toMatchObject({ name: 'renamed', description: 'd', rowCount: 3 });
    expect(
      (await lake.call('GET', '/datasets')).body.items.map(({ name }: { name: string }) => name),
    ).toContain('renamed');
    expect((await lake.call('DELETE', '/datasets/renamed')).status).toBe(204);
    expect((await lake.call('GET', '/datasets/renamed')).body).toMatchObject({
      code: 'resource.notFound',
      status: 404,
    });
  });

  test('keeps its generations, and goes back to one', async () => {
    const { body } = await lake.upload({ name: 'g' }, 'a\n1\n');
    expect((await lake.upload({ name: 'g' }, 'a\n2\n')).body).toMatchObject({
      code: 'resource.conflict',
      pointer: '/name',
    });
    expect((await lake.upload({ name: 'g', replace: 'true' }, 'a\n2\n')).body).toMatchObject({
      id: body.id,
      generation: 2,
    });
    const third = await lake.upload({}, 'a\nx\n', 'third.csv', '/datasets/g/generations');
    expect(third.body).toMatchObject({ generation: 3, columns: [{ name: 'a', type: 'text' }] });
    expect(await lake.rowsOf('g')).toEqual([['x']]);
    const back = await lake.json('POST', '/datasets/g/rollback', { generation: 1 });
    expect(back.body).toMatchObject({ generation: 1, columns: [{ name: 'a', type: 'integer' }] });
    expect(await lake.rowsOf('g')).toEqual([[1]]);
    const kept = await lake.call('GET', '/datasets/g/generations');
    expect(
      kept.body.items.map((each: { generation: number; current: boolean }) => [
        each.generation,
        each.current,
      ]),
    ).toEqual([
      [3, false],
      [2, false],
      [1, true],
    ]);
    expect((await lake.json('POST', '/datasets/g/rollback', { generation: 9 })).body).toMatchObject({
      code: 'resource.notFound',
      pointer: '/generation',
    });
    expect((await lake.upload({ name: 'g', replace: 'true' }, 'a\n4\n')).body.generation).toBe(4);
    expect(lake.events.map(({ action }) => action)).toContain('dataset.rollback');
  });

  test('may be named with quotes, dots, emoji and SQL words', async () => {
    for (const name of [`a"b'c`, 'x.y/z', 'select', '📊 отчёт', '%20', '; drop table x --', '../..']) {
      const made = await lake.upload({ name }, `"q""1",select,a.b,"'"\n1,2,3,4\n`);
      expect(made.body).toMatchObject({ name, rowCount: 1 });
      expect(made.body.columns.map((column: { name: string }) => column.name)).toEqual([
        'q"1',
        'select',
        'a.b',
        "'",
      ]);
      expect(await lake.rowsOf(name)).toEqual([[1, 2, 3, 4]]);
      const profile = await lake.call('GET', `/datasets/${encodeURIComponent(name)}/profile`);
      expect(profile.body.columns).toHaveLength(4);
    }
    await lake.datasets.views.settled();
    expect(await Bun.file(lake.folders.viewsFile).exists()).toBe(true);
  });

  test('that two delete at once is deleted once, for the one who did it, and once in the audit log', async () => {
    await lake.upload({ name: 'twice' }, 'v\n1\n');
    const before = lake.events.length;
    const remove = () => lake.datasets.remove('twice', { actor: null, address: null, requestId: null });
    const ends = await Promise.allSettled([remove(), remove()]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'resource.notFound' },
    });
    expect(lake.events.slice(before)).toMatchObject([{ action: 'dataset.delete' }]);
  });

  test('may come as the body itself', async () => {
    const headers = { 'content-type': 'text/csv' };
    const made = await lake.call('POST', '/datasets?name=raw&header=false', { headers, body: '1;2\n3;4\n' });
    expect(made.body).toMatchObject({
      name: 'raw',
      rowCount: 2,
      columns: [{ name: 'column_1' }, { name: 'column_2' }],
    });
    expect((await lake.call('POST', '/datasets?nome=x', { headers, body: 'a\n' })).body).toMatchObject({
      code: 'request.invalid',
      pointer: '/nome',
    });
  });
});

describe('a request that does not fit', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['an unknown field', { name: 'n', nope: '1' }, '/nope'],
    ['no name', {}, '/name'],
    ['a name with a control character', { name: 'a\u0007b' }, '/name'],
    ['types that are no JSON', { name: 'n', types: '{' }, '/types'],
    ['types of no column', { name: 'n', types: '{"zz":"text"}' }, '/types'],
    ['an unknown type', { name: 'n', types: '{"a":"int"}' }, '/types/a'],
    ['an unknown encoding', { name: 'n', encoding: 'klingon' }, '/encoding'],
    ['a bad choice', { name: 'n', badRows: 'ignore' }, '/badRows'],
    ['a bad boolean', { name: 'n', header: 'perhaps' }, '/header'],
  ];
  test.each(cases)('%s is refused by name', async (_, fields, pointer) => {
    const { status, body } = await lake.upload(fields, 'a\n1\n');
    expect(body).toMatchObject({ code: 'request.invalid', pointer });
    expect(status).toBe(400);
  });

  test('a form without a file, with two, or cut off is refused', async () => {
    const form = new FormData();
    form.append('name', 'x');
    expect((await lake.call('POST', '/datasets', { body: form })).body).toMatchObject({ pointer: '/file' });
    form.append('file', new File(['a\n1\n'], 'a.csv'));
    form.append('file', new File(['a\n1\n'], 'b.csv'));
    expect((await lake.call('POST', '/datasets', { body: form })).body).toMatchObject({ pointer: '/file' });
    const headers = { 'content-type': 'multipart/form-data; boundary=X' };
    const body = '--X\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\n1';
    const cut = await lake.call('POST', '/datasets', { headers, body });
    expect(['request.parse', 'request.invalid']).toContain(cut.body.code);
  });

  test('readers may not write, and strangers see nothing', async () => {
    const headers = { authorization: 'Bearer viewer', 'content-type': 'text/csv' };
    expect((await lake.call('POST', '/datasets?name=v', { headers, body: 'a\n1\n' })).body.code).toBe(
      'auth.forbidden',
    );
    expect((await lake.call('GET', '/datasets', { headers })).status).toBe(200);
    expect((await fetch(`${lake.url}/api/datasets`)).status).toBe(401);
  });
});
