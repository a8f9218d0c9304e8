import { describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseJsonPath } from '../../../src/domain/json-path.ts';
import { extractRows } from '../../../src/lake/extract-rows.ts';
import { flattenRow } from '../../../src/lake/flatten-row.ts';
import type { ExtractJob, IngestOptions } from '../../../src/lake/jobs.ts';
import { JsonScan } from '../../../src/lake/json-scan.ts';

async function extract(
  page: string | Uint8Array,
  job: Partial<ExtractJob> = {},
  before = '',
  maxValueBytes = 1000,
) {
  const uploads = await mkdtemp(join(tmpdir(), 'extract-'));
  const rows = join(uploads, 'rows');
  try {
    await writeFile(join(uploads, 'page'), page);
    await writeFile(rows, before);
    const limits = { uploads, maxValueBytes, maxExpandedBytes: 1 << 20, maxGzipRatio: 300 };
    const given = { format: 'json', root: '', nested: 'flatten', look: [], isFirst: before === '' } as const;
    const found = await extractRows(
      { kind: 'extract', page: join(uploads, 'page'), rows, ...given, ...job },
      limits as unknown as IngestOptions,
      new AbortController().signal,
    );
    return { ...found, text: await Bun.file(rows).text(), files: (await readdir(uploads)).sort() };
  } finally {
    await rm(uploads, { recursive: true });
  }
}

describe('the rows of a JSON document', () => {
  test.each<[what: string, root: string, page: string, lines: string[]]>([
    ['the whole document', '', '[{"a":1},{"a":2}]', ['{"a":1}', '{"a":2}']],
    ['one object', '', '{"a":1}', ['{"a":1}']],
    ['an empty list', '', ' [ ] ', []],
    ['a pointer', '/data/items', '{"n":{"x":[1]},"data":{"t":1,"items":[{"a":1}]},"z":[]}', ['{"a":1}']],
    ['a path', "$.data['items'][*]", '{"data":{"items":[{"a":1},{"a":2}]}}', ['{"a":1}', '{"a":2}']],
    [
      'a wildcard over objects',
      '/*/rows',
      '{"x":{"rows":[{"a":1}]},"y":{"rows":[{"a":2}],"n":1}}',
      ['{"a":1}', '{"a":2}'],
    ],
    ['a wildcard as the last step', '/by/*', '{"by":{"k1":{"a":1},"k2":{"a":2}}}', ['{"a":1}', '{"a":2}']],
    ['an index', '$.pages[1]', '{"pages":[[{"a":1}],[{"a":2}]]}', ['{"a":2}']],
    ['null', '/data', '{"data":null}', []],
    ['names that need escaping', '/a~1b/c~0d', '{"a/b":{"c~d":[{"x":1}]}}', ['{"x":1}']],
    ['a name spelled with escapes', '/data', '{"d\\u0061ta":[{"a":1}]}', ['{"a":1}']],
    [
      'values that are no objects',
      '',
      '[1,"x",null,[2,3]]',
      ['{"value":1}', '{"value":"x"}', '{"value":[2,3]}'],
    ],
    ['nested objects', '', '[{"a":{"b":{"c":1},"d":[{"e":1}]},"f":{}}]', ['{"a.b.c":1,"a.d":[{"e":1}]}']],
    [
      'numbers as they are spelled',
      '',
      '[{"a":{"n":12345678901234567890.10}}]',
      ['{"a.n":12345678901234567890.10}'],
    ],
    ['pretty printing', '', '[\r\n  {\n    "a": 1\n  }\n]\n', ['{     "a": 1   }']],
    ['brackets and quotes in texts', '', '[{"a":"]}\\"{[\\\\"},{"b":1}]', ['{"a":"]}\\"{[\\\\"}', '{"b":1}']],
    ['a byte order mark', '', '\ufeff[{"a":1}]', ['{"a":1}']],
  ])('%s', async (_, root, page, lines) => {
    const { text, rows, rootFound } = await extract(page, { root });
    expect(text).toBe(lines.map((line) => `${line}\n`).join(''));
    expect([rows, rootFound]).toEqual([lines.length, true]);
  });

  test('objects can be kept', async () => {
    const { text } = await extract('[{"a":{"b":1}}]', { nested: 'json' });
    expect(text).toBe('{"a":{"b":1}}\n');
  });

  test('what paging needs is found beside them, around them and in the last one', async () => {
    const page =
      '{"meta":{"next":"n1"},"data":{"more":true,"rows":[{"id":9007199254740993}],"next":9007199254740995},"z":null}';
    const look = ['/meta/next', '/data/more', '/data/next', '/nowhere', '/z', '/meta'].map((path) => ({
      path,
      in: 'page' as const,
    }));
    const { found } = await extract(page, {
      root: '/data/rows',
      look: [...look, { path: '/id', in: 'lastRow' }],
    });
    expect(found).toEqual(['n1', 'true', '9007199254740995', null, null, null, '9007199254740993']);
  });

  test('a root that is not there is told', async () => {
    expect(await extract('{"error":"x"}', { root: '/data' })).toMatchObject({ rows: 0, rootFound: false });
  });

  test('pages are added to one file; equal rows have equal hashes whatever stands around them', async () => {
    const first = await extract('{"at":1,"d":[{"a":1}]}', { root: '/d' });
    const second = await extract('{"at":2,"d":[{"a":1}]}', { root: '/d' }, first.text);
    expect(second.text).toBe('{"a":1}\n{"a":1}\n');
    expect(second.hash).toBe(first.hash);
    expect((await extract('{"d":[{"a":2}]}', { root: '/d' })).hash).not.toBe(first.hash);
  });

  test('a file of several reads, for each format', async () => {
    const rows = Array.from({ length: 40_000 }, (_, id) =>
      JSON.stringify({ id, text: `words of row ${id} `.repeat(3) }),
    );
    const all = rows.map((row) => `${row}\n`).join('');
    expect(all.length).toBeGreaterThan(2 << 20);
    expect((await extract(`[${rows.join(',')}]`)).text === all).toBe(true);
    expect((await extract(all, { format: 'ndjson' })).text === all).toBe(true);
    const csv = `a\n${all}`;
    expect((await extract(csv, { format: 'csv' })).text === csv).toBe(true);
  });

  test('a gzip file is expanded, and nothing is left of it', async () => {
    const { text, files } = await extract(gzipSync('[{"a":1}]'));
    expect(text).toBe('{"a":1}\n');
    expect(files).toEqual(['page', 'rows']);
  });

  test.each<[what: string, page: string | Uint8Array, says: RegExp]>([
    ['nothing', '', /ends too soon/],
    ['a document that is cut off', '[{"a":1},{"a"', /ends too soon/],
    ['an open list', '[{"a":1}', /ends too soon/],
    ['an open object around', '{"d":[]', /ends too soon/],
    ['two documents', '[{"a":1}] [', /not valid JSON at byte 10/],
    ['HTML', '<html>secret</html>', /not valid JSON/],
    ['a comma too many', '[{"a":1},]', /not valid JSON at byte 9/],
    ['no comma', '[{"a":1}{"a":2}]', /not valid JSON at byte 8/],
    ['a bracket of the other kind', '[{"a":1}}', /not valid JSON at byte 8/],
    ['a broken row', '[{"a":1},{"a":secret}]', /row 2/],
    ['a broken value beside', '{"x":secret,"d":[]}', /beside its rows/],
    ['a key without quotes', '{"d":[],x:1}', /not valid JSON at byte 8/],
    ['no colon', '{"d" []}', /not valid JSON at byte 5/],
    ['bytes that are no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), /UTF-8/],
    ['names that collide', '[{"a":{"b":1},"a.b":2}]', /"a.b"/],
    ['a value that is too large', `[{"a":"${'x'.repeat(2000)}"}]`, /larger than 1000 bytes/],
  ])('%s is refused without being repeated', async (_, page, says) => {
    const root = typeof page === 'string' && page.includes('"d"') ? '/d' : '';
    const failed = extract(page, { root });
    await expect(failed).rejects.toMatchObject({
      code: 'source.format',
      message: expect.stringMatching(says),
    });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  test('chunks may end anywhere', () => {
    const page = Buffer.from(
      '{"k\\u00e9y":"ü","m":{"n":[1,{"o":"]"}]},"d":{"rows":[{"a":"ü\\"{"},{"b":-1.5e3}, true ]},"next":12}',
    );
    const read = (size: number) => {
      const seen: string[] = [];
      const scan = new JsonScan(parseJsonPath('/d/rows', '/root'), 1000, {
        onRow: (text) => seen.push(text),
        onOther: (path, text) => seen.push(`${path.join('/')}=${text}`),
      });
      // One buffer for all chunks, as a reader of files has it.
      const buffer = Buffer.alloc(size);
      for (let at = 0; at < page.length; at += size)
        scan.write(buffer.subarray(0, page.copy(buffer, 0, at, at + size)));
      scan.end();
      return seen;
    };
    const whole = read(page.length);
    expect(whole).toEqual([
      'kéy="ü"',
      'm={"n":[1,{"o":"]"}]}',
      '{"a":"ü\\"{"}',
      '{"b":-1.5e3}',
      'true',
      'next=12',
    ]);
    for (let size = 1; size < page.length; size++) expect(read(size)).toEqual(whole);
  });
});

test('flattening keeps every value as it is spelled', () => {
  const row =
    ' { "a" : { "b\\"c" : "x,}{" , "d" : [ 1 , { "e" : "]" } ] } , "f" : 1.0e2 , "g" : null, "h":{"i":{"j":true}} } ';
  const flat = flattenRow(row.trim());
  expect(flat).toBe('{"a.b\\"c":"x,}{","a.d":[ 1 , { "e" : "]" } ],"f":1.0e2,"g":null,"h.i.j":true}');
  expect(() => flattenRow(`{"a":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`)).toThrow(/deeper than/);
});

describe('lines', () => {
  test('NDJSON: empty lines are dropped, objects flattened, the last row looked into', async () => {
    const page = '{"id":1,"a":{"b":2}}\r\n\n{"id":2}';
    const found = await extract(page, { format: 'ndjson', look: [{ path: '/id', in: 'lastRow' }] });
    expect(found.text).toBe('{"id":1,"a.b":2}\n{"id":2}\n');
    expect(found).toMatchObject({ rows: 2, found: ['2'] });
    await expect(extract('{"id":1}\nsecret', { format: 'ndjson' })).rejects.toMatchObject({
      code: 'source.format',
      message: expect.stringContaining('row 2'),
    });
  });

  test('CSV: the first line comes once', async () => {
    const first = await extract('a,b\n1,2\n', { format: 'csv' });
    expect(first).toMatchObject({ text: 'a,b\n1,2\n', rows: 1 });
    const second = await extract('a,b\n3,4\n5,6', { format: 'csv' }, first.text);
    expect(second).toMatchObject({ text: 'a,b\n1,2\n3,4\n5,6\n', rows: 2 });
    expect(await extract('a,b\n', { format: 'csv' }, first.text)).toMatchObject({
      text: first.text,
      rows: 0,
    });
    for (const other of ['a\n3\n', 'a,b,c\n1,2,3\n', '1,2\n'])
      await expect(extract(other, { format: 'csv' }, first.text)).rejects.toMatchObject({
        code: 'source.format',
      });
  });

  test.each(['\n', '\r\n'])('CSV: headings with a line break in quotes come once (%j)', async (end) => {
    const headings = `a,"b${end}(EUR)"${end}`;
    const first = await extract(`${headings}1,2${end}`, { format: 'csv' });
    expect(first).toMatchObject({ text: `${headings}1,2${end}`, rows: 1 });
    const second = await extract(`${headings}3,"4${end}5"${end}`, { format: 'csv' }, first.text);
    expect(second.text).toBe(`${headings}1,2${end}3,"4${end}5"${end}`);
    await expect(extract(`a,"b${end}(USD)"${end}`, { format: 'csv' }, first.text)).rejects.toMatchObject({
      code: 'source.format',
    });
  });

  test('CSV: an inch mark in a heading opens no quotes', async () => {
    const text = 'a,size 5"\n1,"2\n3"\n';
    const first = await extract(text, { format: 'csv' });
    const second = await extract('a,size 5"\n4,5\n', { format: 'csv' }, first.text);
    expect(second.text).toBe(`${text}4,5\n`);
  });
});

test.each<[path: string, steps: number | undefined]>([
  ['', 0],
  ['$', 0],
  ['/a/b', 2],
  ['$.a.b[*]', 3],
  ["$['a.b']", 1],
  ['$["a"][0]', 2],
  ['a.b', undefined],
  ['$..a', undefined],
  ['$.a[?(@.x)]', undefined],
  ['/a~2', undefined],
  ['$.a.', undefined],
  ['$['.concat("'a"), undefined],
])('path %p has %p steps', (text, steps) => {
  if (steps !== undefined) expect(parseJsonPath(text, '/root')).toHaveLength(steps);
  else expect(() => parseJsonPath(text, '/root')).toThrow(/JSON pointer/);
});
