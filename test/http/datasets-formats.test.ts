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

describe('JSON that is not as it should be', () => {
  test.each([
    ['[{"a":1},{"a":2},{"a":x},{"a":4}]', 3, 1, 17],
    ['[\n{"a":1},\n{"a":2},\n{"a":3},\n{"a":4', 4, 5, 35],
    ['{\n"a":1}\n\n{\n"a": 1 2}\n', 2, 4, 10],
    ['[{"a":1}', 2, 1, 8],
    ['[{"a":1}]]', 2, 1, 9],
    ['[{"a":1} {"a":2}]', 2, 1, 9],
    ['{"a":1,\n"b":tru}', 1, 1, 0],
  ])('%p names the value, its line and its byte', async (text, value, line, byte) => {
    const { answer } = await load(text, 'a.json');
    expect(answer.body).toMatchObject({ status: 422, code: 'dataset.badFile', value, line, byte });
    expect(answer.body.detail).toContain(`value ${value}`);
  });

  test('a key that comes twice is a bad row', async () => {
    const text = '[{"a":1,"b":1},{"a":10,"b":2,"a":20},{"\\u0061":3,"a":4}]';
    const refused = await load(text, 'a.json');
    expect(refused.answer.body).toMatchObject({
      status: 422,
      code: 'dataset.badRows',
      count: 2,
      rows: [
        { line: 2, message: 'has the key "a" twice' },
        { line: 3, message: 'has the key "a" twice' },
      ],
    });
    const kept = await load(text, 'a.json', { badRows: 'keepAside' });
    expect(kept.rows).toEqual([[1, 1]]);
    expect(kept.answer.body.rejected.count).toBe(2);
    expect((await load('{"a":1}\n{"a":1,"a":2}\n', 'a.ndjson')).answer.body.detail).toContain(
      'line 2, which has the key "a" twice',
    );
    expect((await load('[{"a":1,"A":2,"n":{"a":1,"a":2}}]', 'a.json')).rows).toEqual([
      [1, 2, '{"a":1,"a":2}'],
    ]);
  });

  test('NUL in keys and values', async () => {
    const text = '[{"a\\u0000b":1,"c":"x\\u0000y"},{"\\u0000":2}]';
    const loaded = await load(text, 'a.json');
    expect(loaded.shape).toEqual(['a b:integer', 'c:text', 'column_3:integer']);
    expect(loaded.rows).toEqual([
      [1, 'x\0y', null],
      [null, null, 2],
    ]);
  });

  test.each([
    ['an array over lines', '[\n {"a":1},\n {"a":2}\n]\n', {}],
    ['an array in one line', '[{"a":1},{"a":2}]', {}],
    ['an array, and the format given', '[\n{"a":1},{"a":2}]', { format: 'ndjson' }],
    ['objects over lines', '{\n "a": 1\n}\n{\n "a": 2\n}\n', {}],
  ])('%s named .jsonl is read', async (_, text, fields) => {
    expect((await load(text, 'a.jsonl', fields)).rows).toEqual([[1], [2]]);
  });

  test.each(['\n', '\r\n', '\r'])('lines that end with %p, and mixed ones', async (end) => {
    const text = `{"a":1}${end}{"a":2}${end}{"a":3}`;
    expect((await load(text, 'a.jsonl')).rows).toEqual([[1], [2], [3]]);
    const mixed = await load(`{"a":1}${end}{"a":2}\r\n{"a":3}\n\n{"a":4}\r{"a":5}`, 'a.jsonl');
    expect(mixed.rows).toEqual([[1], [2], [3], [4], [5]]);
  });

  test('lines of arrays stay bad rows', async () => {
    expect((await load('[1,2]\n[3,4]\n', 'a.jsonl')).answer.body).toMatchObject({
      code: 'dataset.badRows',
      count: 2,
    });
  });
});

describe('root and nested', () => {
  const answer = {
    page: 1,
    data: {
      items: [
        { id: 1, at: { city: 'Rome', zip: '00100' }, tags: [1, 2] },
        { id: 2, at: { city: 'Bari', geo: { lat: 41.1 } } },
      ],
    },
  };
  const flat = ['id:integer', 'at.city:text', 'at.zip:text', 'tags:json', 'at.geo.lat:float'];
  const flatRows = [
    [1, 'Rome', '00100', '[1,2]', null],
    [2, 'Bari', null, null, 41.1],
  ];

  test.each(['/data/items', '$.data.items', "$['data'].items"])('root %s', async (root) => {
    const loaded = await load(JSON.stringify(answer, null, 2), 'a.json', { root });
    expect(loaded.shape).toEqual(['id:integer', 'at:json', 'tags:json']);
    expect(loaded.rows[1]).toEqual([2, '{"city":"Bari","geo":{"lat":41.1}}', null]);
  });

  test.each([
    ['under a root', JSON.stringify(answer), { root: '/data/items' }, 'a.json'],
    ['of an array', JSON.stringify(answer.data.items, null, 1), {}, 'a.json'],
    ['of lines', answer.data.items.map((item) => JSON.stringify(item)).join('\r\n\r\n'), {}, 'a.ndjson'],
    ['of objects', answer.data.items.map((item) => JSON.stringify(item, null, 1)).join('\n'), {}, 'a.json'],
    [
      'of documents with a root each',
      answer.data.items.map((item) => JSON.stringify({ data: item })).join('\n'),
      { root: '/data' },
      'a.ndjson',
    ],
  ])('nested=flatten %s', async (_, text, fields, file) => {
    const loaded = await load(text, file, { ...fields, nested: 'flatten' });
    expect(loaded.shape).toEqual(flat);
    expect(loaded.rows).toEqual(flatRows);
  });

  test('numbers keep their digits and scalars become value', async () => {
    const digits = await load('{"d":[{"a":{"b":12345678901234567890.5}}]}', 'a.json', {
      root: '/d',
      nested: 'flatten',
    });
    expect(digits.shape[0]).toMatch(/^a\.b:/);
    expect((await load('{"d":[1,2]}', 'a.json', { root: '/d' })).shape).toEqual(['value:integer']);
    expect((await load('{"d":{"a":1}}', 'a.json', { root: '/d' })).rows).toEqual([[1]]);
  });

  test('a bad line is a bad row still', async () => {
    const refused = await load('{"a":{"b":1}}\n{"a":\n', 'a.ndjson', { nested: 'flatten' });
    expect(refused.answer.body).toMatchObject({ code: 'dataset.badRows', count: 1, rows: [{ line: 2 }] });
  });

  test.each([
    ['nothing there', '{"a":1}', 'a.json', { root: '/b' }, 400, 'request.invalid', '/root'],
    ['no path', '{"a":1}', 'a.json', { root: 'b' }, 400, 'request.invalid', '/root'],
    ['CSV', 'a\n1\n', 'a.csv', { root: '/b' }, 400, 'request.invalid', '/root'],
    ['CSV', 'a\n1\n', 'a.csv', { nested: 'flatten' }, 400, 'request.invalid', '/nested'],
    [
      'two names alike',
      '[{"a":{"b":1},"a.b":2}]',
      'a.json',
      { nested: 'flatten' },
      422,
      'dataset.badFile',
      '/file',
    ],
    [
      'a broken document',
      '{"d":[{"a":1},{"a":}]}',
      'a.json',
      { root: '/d' },
      422,
      'dataset.badFile',
      '/file',
    ],
    ['a document cut off', '{"d":[{"a":1}', 'a.json', { root: '/d' }, 422, 'dataset.badFile', '/file'],
  ])('%s is refused', async (_, text, file, fields, status, code, pointer) => {
    const { answer: refused } = await load(text, file, fields as Record<string, string>);
    expect(refused.body).toMatchObject({ status, code, pointer });
    expect(refused.body.detail).not.toContain('answer');
  });
});

describe('files of other kinds', () => {
  const head = (text: string) => new Uint8Array(Buffer.from(text.padEnd(600, '\n'), 'latin1'));
  test.each([
    ['%PDF-1.4\n1 0 obj\n<< >>\nendobj\n', 'a PDF document'],
    ['\ufeff%PDF-1.7\n', 'a PDF document'],
    ['<!DOCTYPE html>\n<html><body>a,b</body></html>', 'a web page'],
    ['\n <!-- saved -->\n<table><tr><td>1</td></tr></table>', 'a web page'],
    ['<?xml version="1.0"?>\n<rows/>', 'an XML document'],
    ['{\\rtf1 hello}', 'an RTF document'],
    ['GIF89a,b\n', 'a GIF image'],
    ['\x89PNG\r\n\x1a\n', 'a PNG image'],
    ['\xff\xd8\xff\xe0', 'a JPEG image'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an old Office document'],
    ['SQLite format 3\0', 'import sqlite'],
    ['checksumDUCK\x40\0\0\0\0', 'import duckdb'],
    [`${'a'.repeat(257)}ustar\x0000`, 'a tar archive'],
  ])('%p is refused by its bytes', async (text, what) => {
    for (const name of ['report.csv', 'report.json']) {
      const { answer } = await load(text.startsWith('\ufeff') ? text : head(text), name);
      expect(answer.body).toMatchObject({ status: 422, code: 'dataset.badFile', pointer: '/file' });
      expect(answer.body.detail).toContain(what);
    }
  });

  test.each(['a,b,c,d,DUCK\n1,2,3,4,5\n', 'BZh9,PK,ORC\n1,2,3\n', 'x,%PDF-\n1,2\n', 'MZ,b\n1,2\n'])(
    '%p is a table',
    async (text) => {
      expect((await load(text, 'a.csv')).answer.status).toBe(201);
    },
  );
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

/** Written by Arrow: the column `i`, int32, 0 to 99. */
const BYTE_STREAM_SPLIT =
  'UEFSMRUAFa4GFYoCLBXIARUSFQYVBhwYBGMAAAAYBAAAAAAWACgEYwAAABgEAAAAABERAAAAlwPwcQMAAADIAQEAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjAAAAAAAAAP4EAP4EAP4EAP4EAJIEABUEGSw1ABgGc2NoZW1hFQIAFQIlAhgBaQAWyAEZHBkcJgAcFQIZJQYSGRgBaRUCFsgBFpIHFu4CJgg8GARjAAAAGAQAAAAAFgAoBGMAAAAYBAAAAAAREQAZHBUAFRIVAgA8KQYZJgDIAQAAABaSBxbIASYIFu4CABkcGAxBUlJPVzpzY2hlbWEYrAEvLy8vLzNnQUFBQVFBQUFBQUFBS0FBd0FCZ0FGQUFnQUNnQUFBQUFCQkFBTUFBQUFDQUFJQUFBQUJBQUlBQUFBQkFBQUFBRUFBQUFVQUFBQUVBQVVBQWdBQmdBSEFBd0FBQUFRQUJBQUFBQUFBQUVDRUFBQUFCd0FBQUFFQUFBQUFBQUFBQUVBQUFCcEFBQUFDQUFNQUFnQUJ3QUlBQUFBQUFBQUFTQUFBQUE9ABggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNS4wLjEZHBwAAABgAQAAUEFSMQ==';

describe('Parquet that DuckDB cannot read', () => {
  test('an encoding names the column and the remedy', async () => {
    const { answer } = await load(new Uint8Array(Buffer.from(BYTE_STREAM_SPLIT, 'base64')), 'x.parquet');
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'dataset.badFile',
      column: 'i',
      reason: 'encoding',
    });
    expect(answer.body.detail).toMatch(/column "i".*BYTE_STREAM_SPLIT.*plain or dictionary/);
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
