import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

const rows = (count: number) => `a,b\n${Array.from({ length: count }, (_, i) => `${i},x\n`).join('')}`;

async function served(count: number): Promise<string> {
  const name = `few${++number}`;
  expect((await lake.upload({ name }, rows(count))).status).toBe(201);
  return name;
}

describe('a generation with far fewer rows', () => {
  test('is refused by default below a tenth, and the served rows stay', async () => {
    const name = await served(100);
    const { status, body } = await lake.upload({ name, replace: 'true' }, rows(9));
    expect(body).toMatchObject({
      code: 'dataset.fewerRows',
      detail:
        'The file has 9 rows and the dataset 100; at least 10 % of them are asked for. Send acceptFewerRows=true to publish it all the same',
      ...{ pointer: '/file', rows: 9, servedRows: 100, minRowsShare: 0.1 },
    });
    expect(status).toBe(409);
    expect(await lake.rowsOf(name)).toHaveLength(100);
    const { body: kept } = await lake.call('GET', `/datasets/${name}/generations`);
    expect(kept.items).toHaveLength(1);
    expect((await lake.upload({ name, replace: 'true' }, rows(10))).status).toBe(201);
  });

  test('is published where the upload accepts it', async () => {
    const name = await served(100);
    const path = `/datasets/${name}/generations`;
    expect((await lake.upload({}, 'a,b\n', 'd.csv', path)).body.code).toBe('dataset.fewerRows');
    const { body } = await lake.upload({ acceptFewerRows: 'true' }, 'a,b\n', 'd.csv', path);
    expect(body).toMatchObject({ rowCount: 0, generation: 2 });
    expect((await lake.upload({}, 'a,b\n', 'd.csv', path)).status).toBe(201);
  });

  test('the upload may ask for another share, in the query string too', async () => {
    const name = await served(10);
    const refused = await lake.upload({ name, replace: 'true', minRowsShare: '0.95' }, rows(9));
    expect(refused.body).toMatchObject({ code: 'dataset.fewerRows', minRowsShare: 0.95 });
    const any = await lake.call('POST', `/datasets/${name}/generations?minRowsShare=0`, {
      ...{ body: 'a,b\n', headers: { 'content-type': 'text/csv' } },
    });
    expect(any.body).toMatchObject({ rowCount: 0 });
  });

  test.each([
    ['minRowsShare', '1.5'],
    ['minRowsShare', 'half'],
    ['acceptFewerRows', 'maybe'],
  ])('%s=%s is no value of it', async (field, value) => {
    const { status, body } = await lake.upload({ name: 'wrong', [field]: value }, rows(1));
    expect(body).toMatchObject({ code: 'request.invalid', pointer: `/${field}` });
    expect(status).toBe(400);
  });

  test('the setting may take any', async () => {
    await using other = await startLake({ env: { UPLOAD_MIN_ROWS_PERCENT: '0' } });
    await other.upload({ name: 'any' }, rows(100));
    expect((await other.upload({ name: 'any', replace: 'true' }, rows(0))).body).toMatchObject({
      rowCount: 0,
    });
  });
});
