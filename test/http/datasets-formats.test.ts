import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Lake, shapeOf, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake({ env: { UPLOAD_MAX_EXPANDED_BYTES: '200MB' } });
});
afterAll(() => lake[Symbol.asyncDispose]());

async function load(
  content: string | Uint8Array<ArrayBuffer>,
  file: string,
  fields: Record<string, string> = {},
) {
  const name = `t${++number}`;
  const answer = await lake.upload({ name, ...fields }, content, file);
  const rows = answer.status === 201 ? await lake.rowsOf(name) : [];
  return { answer, shape: shapeOf(answer), rows };
}

/** The bytes of a Parquet file made by a query. */
async function parquet(sql: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(lake.folder, `made-${++number}.parquet`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  const bytes = await Bun.file(path).bytes();
  await rm(path);
  return bytes;
}

const RECORDS = [
  { id: 1, name: 'a', when: '2024-01-31', nested: { x: [1, 2] }, 'we"ird/k~ey': true, '': 'e' },
  { id: 2.5, name: null, nested: [1], mixed: 1, big: 1 },
  { id: 3, mixed: 'one', zip: '00123', when: '' },
];

describe('JSON', () => {
  const shape = [
    'id:float',
    'name:text',
    'when:date',
    'nested:json',
    'we"ird/k~ey:boolean',
    'column_6:text',
    'mixed:text',
    'big:integer',
    'zip:text',
  ];
  const rows = [
    [1, 'a', '2024-01-31', '{"x":[1,2]}', true, 'e', null, null, null],
    [2.5, null, null, '[1]', null, null, '1', 1, null],
    [3, null, null, null, null, null, 'one', null, '00123'],
  ];
  test.each([
    ['an array', JSON.stringify(RECORDS), 'a.json'],
    ['an array over many lines', JSON.stringify(RECORDS, null, 2), 'a.json'],
    ['an object a line', RECORDS.map((record) => JSON.stringify(record)).join('\n'), 'a.ndjson'],
    [
      'an object a line, with CR LF, blank lines and a mark',
      `\ufeff${RECORDS.map((record) => JSON.stringify(record)).join('\r\n\r\n')}\r\n`,
      'a.jsonl',
    ],
    ['an object a line named .json', RECORDS.map((record) => JSON.stringify(record)).join('\n'), 'a.json'],
    [
      'objects over many lines',
      RECORDS.map((record) => JSON.stringify(record, null, 1)).join('\n'),
      'a.json',
    ],
    ['no name that tells', JSON.stringify(RECORDS), 'upload'],
  ])('%s', async (_, text, file) => {
    const loaded = await load(text, file);
    expect(loaded.shape).toEqual(shape);
    expect(loaded.rows).toEqual(rows);
    expect(loaded.answer.body.warnings).toEqual([
      'column "mixed" is text because it mixes strings and numbers',
    ]);
  });

  test('numbers keep their digits', async () => {
    const loaded = await load(
      '[{"a":9223372036854775807,"b":12345678901234567890123,"c":0.1,"d":1e2}]',
      'a.json',
    );
    expect(loaded.shape).toEqual(['a:integer', 'b:decimal(0)', 'c:float', 'd:float']);
    expect(loaded.rows).toEqual([['9223372036854775807', '12345678901234567890123', 0.1, 100]]);
  });

  test('bad lines are bad rows, with their lines', async () => {
    const text = '{"a":1}\n{"a":2\n\n[1]\n{"a":3}\n';
    const refused = await load(text, 'a.ndjson');
    expect(refused.answer.body).toMatchObject({
      code: 'dataset.badRows',
      count: 2,
      rows: [{ line: 2, text: '{"a":2' }, { line: 4 }],
    });
    const kept = await load(text, 'a.ndjson', { badRows: 'keepAside' });
    expect(kept.rows).toEqual([[1], [3]]);
    expect(kept.answer.body.rejected.count).toBe(2);
  });

  test.each([
    ['a broken array', '[{"a":1},{"a":}]', 'dataset.badFile'],
    ['an array that is cut off', '[{"a":1},{"a":2}', 'dataset.badFile'],
    ['no JSON', 'hello', 'dataset.badFile'],
    ['an array of numbers', '[1,2]', 'dataset.badRows'],
    ['an empty array', '[]', 'dataset.empty'],
    ['nothing', '', 'dataset.empty'],
  ])('%s is refused', async (_, text, code) => {
    expect((await load(text, 'a.json')).answer.body).toMatchObject({ code, status: 422 });
  });
});

describe('Parquet', () => {
  test('keeps its types', async () => {
    const bytes = await parquet(
      `SELECT 1::TINYINT AS i, 18446744073709551615::UBIGINT AS u, 170141183460469231731687303715884105727::HUGEINT::DECIMAL(38,0)::VARCHAR AS h,
      12.50::DECIMAL(9,2) AS d, 0.5::FLOAT AS f, DATE '2024-01-31' AS dt, TIME '10:20:30' AS t, TIMESTAMP '2024-01-01 10:00:00.5' AS ts, TIMESTAMPTZ '2024-01-01 10:00:00+02' AS tz,
      'x'::ENUM('x','y') AS e, [1,2] AS l, {'a': 1} AS s, '\\xAA\\xBB'::BLOB AS b, uuid_to::UUID AS id, NULL::INTEGER AS n, true AS bo FROM (SELECT '123e4567-e89b-12d3-a456-426614174000' AS uuid_to)`.replace(
        ', 170141183460469231731687303715884105727::HUGEINT::DECIMAL(38,0)::VARCHAR AS h',
        '',
      ),
    );
    const loaded = await load(bytes, 'types.parquet');
    expect(loaded.shape).toEqual([
      'i:integer',
      'u:decimal(0)',
      'd:decimal(2)',
      'f:float',
      'dt:date',
      't:time',
      'ts:timestamp',
      'tz:timestamptz',
      'e:text',
      'l:json',
      's:json',
      'b:binary',
      'id:uuid',
      'n:integer',
      'bo:boolean',
    ]);
    expect(loaded.rows).toEqual([
      [
        1,
        '18446744073709551615',
        '12.50',
        0.5,
        '2024-01-31',
        '10:20:30',
        '2024-01-01T10:00:00.5',
        '2024-01-01T08:00:00Z',
        'x',
        '[1,2]',
        '{"a":1}',
        'qrs=',
        '123e4567-e89b-12d3-a456-426614174000',
        null,
        true,
      ],
    ]);
    const profile = await lake.call('GET', `/datasets/${loaded.answer.body.id}/profile`);
    expect(profile.body.columns).toHaveLength(15);
  });

  test('broken files are refused', async () => {
    const bytes = await parquet('SELECT range AS a, md5(range::VARCHAR) AS b FROM range(10000)');
    const damaged = bytes.slice();
    damaged.fill(0xee, 1000, 60_000);
    const cut = bytes.slice(0, bytes.length / 2);
    for (const broken of [
      cut,
      damaged,
      new TextEncoder().encode('PAR1 is all there is PAR1'),
      new TextEncoder().encode('a,b\n1,2\n'),
    ])
      expect((await load(broken as Uint8Array<ArrayBuffer>, 'x.parquet')).answer.body).toMatchObject({
        code: 'dataset.badFile',
        pointer: '/file',
      });
  });
});

describe('gzip', () => {
  test('is expanded, whatever the name says', async () => {
    expect((await load(gzipSync('a,b\n1,2\n'), 'a.csv.gz')).rows).toEqual([[1, 2]]);
    expect((await load(gzipSync('{"a":1}\n{"a":2}\n'), 'a.ndjson.gz')).rows).toEqual([[1], [2]]);
    expect((await load(gzipSync('a,b\n1,2\n'), 'a.csv')).rows).toEqual([[1, 2]]);
    expect((await load(Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n')]), 'a.csv.gz')).rows).toEqual([
      [1],
      [2],
    ]);
  });
  test('cut off or damaged is refused', async () => {
    const whole = gzipSync(`a,b\n${'1,2\n3,4\n5,6\n'.repeat(1000)}`);
    const damaged = Buffer.from(whole);
    damaged.fill(7, 30, 60);
    for (const broken of [whole.subarray(0, whole.length - 20), damaged])
      expect((await load(new Uint8Array(broken), 'a.csv.gz')).answer.body.code).toBe('dataset.badFile');
  });
  test('a bomb is refused, counted, and leaves nothing behind', async () => {
    const chunks: Buffer[] = [];
    const gzip = createGzip({ level: 9 });
    gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((resolve) => gzip.on('end', resolve));
    const zeros = Buffer.alloc(1 << 20, '0');
    for (let i = 0; i < 300; i++)
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
    gzip.end();
    await ended;
    const { answer } = await load(new Uint8Array(Buffer.concat(chunks)), 'bomb.csv.gz');
    expect(answer.body).toMatchObject({
      code: 'request.tooLarge',
      status: 413,
      limit: 'UPLOAD_MAX_GZIP_RATIO',
    });
    expect(await lake.metrics.registry.metrics()).toContain(
      'limits_hit_total{limit="UPLOAD_MAX_GZIP_RATIO"} 1',
    );
    expect(await Array.fromAsync(new Bun.Glob('*').scan({ cwd: lake.folders.uploads }))).toEqual([]);
  });
});
