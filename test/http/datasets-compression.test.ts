import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { type ZipMember, zipFile } from '../support/zip-file.ts';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
let number = 0;
beforeAll(async () => {
  lake = await startLake({ env: { UPLOAD_MAX_EXPANDED_BYTES: '200MB' } });
});
afterAll(() => lake[Symbol.asyncDispose]());

const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const bytes = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** `a,b\n1,x\n2,y\n` */
const SMALL = 'a,b\n1,x\n2,y\n';
/** `a,b` and 60,000 rows of `${i % 10},text`: five blocks of bzip2. */
const ROWS = 60_000;
const BZIP2 = base64('QlpoMTFBWSZTWbzHKEUAAARZgAAQAAQwADAAAGAgADEMCCNBmo4EIheLuSKcKEheY5QigA==');
const BZIP2_BLOCKS = base64(
  'QlpoMTFBWSZTWY0JjvQAU7FZgAAQAAR/4DIABEAwALjChppgAE1VAmAmApVRkegnlD6SKa8KUItY0SKYkinEkU2JFOSRTokU7JFPhIpkkU0SKZpFVTr/hJQJ7JQJiSgT2SgT4xQVkmU1lwIzMpAF7Y2YAAEAAEf+ACAARAIACQKYAAE1VABoPSUCeUlFrSUW1JRb0lF1ykouklFnSUXdJRYpKLykosEoEwSgT4lAnpKBPiUCfmKCskymsoEFhlIAzm2zAAAgAAj/wAQACIBAASBTAAAmqoTEPEaJQJmkovlJRc0lF1SUXdJRfaSi/UlFnCSiykot6SiwSgTBKBPCUCaJQJ4SgT0xQVkmU1kFVMhdAGzL2YAAEAAEf+ACAARAIACQKYAAE1VABoPSUCeJKLVJRbUlFvSUXFJRc0lF1SUXdJRYpKLfykosEoEwSgT4lAnpKBPiUCfmKCskymsoAyACAAI9mzAAAgAAj/wAQACIBAASBTAAAmqoANB6kUXkFWsFW0FW4KuAVcgq6BV2CrAKvAVdYpFFigqyyqBV8kUXtIovkii/F3JFOFCQGTrqDA==',
);
const XZ = base64(
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQALYSxiCjEseAoyLHkKAEzgt25dEyFzAAEkDKYY2NgftvN9AQAAAAAEWVo=',
);
const XZ_ROWS = base64(
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM5mijAKJdADCLCECmbFWHbItTRTj8n9f0PsnkttoS5MD7/kQ8O827pB1i3L8SnGwMmzliRbExD/0yHaIAGOmnvPoZK+V0ZpUr/HUI9NSN1ERIE+YMnIKzD1Jvcf8vIO0mR5jqrYTUY4HiKr1f4Kq+Bjy/H92Eu6aH46D4XMz8N8+rg+cmI6j4BovZ9X/WDRs/fXergxQhbtHVevM+FFNidqxZ5NpExIwAAAAAAB5ViUmcHJPzAAG+AaTRGQAl97cLscRn+wIAAAAABFla',
);
const XZ_SHA256 = base64(
  '/Td6WFoAAArh+wyhAgAhARYAAAB0L+WjAQALYSxiCjEseAoyLHkKABWSDz+3wFHMFfzu6EQy6IA6E5qbU6Tqgyw3vxEJ4gDPAAE8DP+Aw1oYm0uaAQAAAAAKWVo=',
);
const large = `a,b\n${Array.from({ length: ROWS }, (_, i) => `${i % 10},text\n`).join('')}`;
const zstd = (text: string) => new Uint8Array(zstdCompressSync(text));

async function load(
  content: Uint8Array<ArrayBuffer>,
  file: string,
  fields: Record<string, string> = {},
  path?: string,
) {
  const name = `t${++number}`;
  const answer = await lake.upload({ ...(path ? {} : { name }), ...fields }, content, file, path);
  return { name, answer, rows: answer.status === 201 && !path ? await lake.rowsOf(name) : [] };
}

async function sumOf(name: string): Promise<number> {
  const { body } = await lake.call('GET', `/datasets/${name}/profile`);
  return body.columns[0].mean * body.rowCount;
}

describe('compressed uploads', () => {
  test.each([
    ['gzip', new Uint8Array(gzipSync(SMALL)), 'a.csv.gz'],
    ['bzip2', BZIP2, 'a.csv.bz2'],
    ['xz', XZ, 'a.csv.xz'],
    ['zstd', zstd(SMALL), 'a.csv.zst'],
    ['zip', zipFile([{ name: 'folder/a.csv', content: SMALL }]), 'a.zip'],
    ['a stored member', zipFile([{ name: 'a.csv', content: SMALL, method: 0 }]), 'a.zip'],
    ['a bzip2 member', zipFile([{ name: 'a.csv', content: BZIP2, method: 12, plain: SMALL }]), 'a.zip'],
    ['a zstd member', zipFile([{ name: 'a.csv', content: zstd(SMALL), method: 93, plain: SMALL }]), 'a.zip'],
    ['an xz member', zipFile([{ name: 'a.csv', content: XZ, method: 95, plain: SMALL }]), 'a.zip'],
    ['bzip2 by its bytes', BZIP2, 'a.csv'],
    ['xz by its bytes', XZ, 'a.csv'],
    ['zstd after a frame that is skipped', bytes(base64('UCpNGAMAAABhYmM='), zstd(SMALL)), 'a.csv'],
  ])('%s is read', async (_, content, file) => {
    const { answer, rows } = await load(content, file);
    expect(answer.body.columns).toEqual([
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'text' },
    ]);
    expect(rows).toEqual([
      [1, 'x'],
      [2, 'y'],
    ]);
  });

  test.each([
    ['bzip2', BZIP2_BLOCKS],
    ['xz', XZ_ROWS],
    ['zstd', zstd(large)],
    ['zip', zipFile([{ name: 'a.csv', content: large }])],
  ])('every row of many blocks of %s', async (_, content) => {
    const { name, answer } = await load(content, 'a.csv');
    expect(answer.body).toMatchObject({ rowCount: ROWS, rejected: { count: 0 } });
    expect(await sumOf(name)).toBe(ROWS * 4.5);
  });

  test('streams one after another are one file', async () => {
    const more = bytes(XZ, base64('/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo='));
    expect((await load(more, 'a.csv')).rows).toHaveLength(2);
    expect((await load(bytes(BZIP2, BZIP2), 'a.csv')).rows).toEqual([
      ['1', 'x'],
      ['2', 'y'],
      ['a', 'b'],
      ['1', 'x'],
      ['2', 'y'],
    ]);
    expect((await load(bytes(zstd('a\n1\n'), zstd('2\n')), 'a.csv')).rows).toEqual([[1], [2]]);
  });

  test('the format is that of the name within', async () => {
    const json = '{"a":1}\n{"a":2}\n';
    expect((await load(zstd(json), 'a.ndjson.zst')).rows).toEqual([[1], [2]]);
    expect((await load(zipFile([{ name: 'a.jsonl', content: json }]), 'a.csv.zip')).rows).toEqual([[1], [2]]);
    const tabs = zipFile([{ name: 'a.tsv', content: 'a\tb,c\n1\t2\n' }]);
    expect((await load(tabs, 'upload')).answer.body.columns[1].name).toBe('b,c');
  });

  test.each([
    ['bzip2', BZIP2_BLOCKS],
    ['xz', XZ_ROWS],
    ['zstd', zstd(large)],
    ['zip', zipFile([{ name: 'a.csv', content: large }])],
  ])('%s that is cut off anywhere, damaged or followed by more is refused', async (_, whole) => {
    const cuts = [0.2, 0.5, 0.9, 0.99].map((part) => whole.slice(0, Math.floor(whole.length * part)));
    const damaged = whole.slice();
    damaged[Math.floor(whole.length / 2)]! ^= 0x10;
    const broken = [...cuts, whole.slice(0, -1), damaged, bytes(whole, new Uint8Array([1, 2, 3, 4, 5]))];
    for (const content of broken) {
      const { answer } = await load(content, 'a.csv');
      expect(answer.body).toMatchObject({ status: 422, code: 'dataset.badFile' });
    }
  });

  test.each([
    ['gzip in bzip2 in a zip', zipFile([{ name: 'a.bz2', content: BZIP2 }]), 'bzip2'],
    ['zip in gzip', new Uint8Array(gzipSync(zipFile([{ name: 'a.csv', content: SMALL }]))), 'zip'],
    ['gzip in gzip', new Uint8Array(gzipSync(gzipSync(SMALL))), 'gzip'],
    ['gzip in zstd', new Uint8Array(zstdCompressSync(gzipSync(SMALL))), 'gzip'],
  ])('%s is refused', async (_, content, kind) => {
    const { answer } = await load(content, 'a.csv');
    expect(answer.body).toMatchObject({ status: 422, code: 'dataset.badFile', pointer: '/file' });
    expect(answer.body.detail).toContain(`another compressed file (${kind})`);
  });

  test('a check sum that is not read is named with the remedy', async () => {
    const { answer } = await load(XZ_SHA256, 'a.csv.xz');
    expect(answer.body).toMatchObject({ status: 422, code: 'dataset.badFile' });
    expect(answer.body.detail).toContain('--check=crc64');
  });

  test('bombs are refused by ratio, counted, and leave nothing behind', async () => {
    const zeros = new Uint8Array(Buffer.alloc(150 << 20, '0'));
    const stream = createZstdCompress();
    stream.end(zeros);
    const packed = new Uint8Array(Buffer.concat(await stream.toArray()));
    for (const content of [packed, zipFile([{ name: 'a.csv', content: zeros }])]) {
      const { answer } = await load(content, 'a.csv');
      expect(answer.body).toMatchObject({ status: 413, limit: 'UPLOAD_MAX_GZIP_RATIO' });
    }
    expect(await lake.metrics.registry.metrics()).toContain(
      'limits_hit_total{limit="UPLOAD_MAX_GZIP_RATIO"} 2',
    );
    expect(await Array.fromAsync(new Bun.Glob('*').scan({ cwd: lake.folders.uploads }))).toEqual([]);
  });
});

describe('zip archives', () => {
  const members: ZipMember[] = [
    { name: 'data/', content: '', method: 0 },
    { name: 'data/orders-2024.csv', content: 'o\n1\n' },
    { name: 'data/managers.json', content: '[{"m":1}]' },
    { name: 'readme.txt', content: 'hello' },
    { name: '__MACOSX/data/._orders-2024.csv', content: '\0\0' },
    { name: 'data/.DS_Store', content: '\0\0' },
  ];
  const several = zipFile(members);
  const listed = ['data/orders-2024.csv', 'data/managers.json', 'readme.txt'];

  test('several members are listed with the option that chooses', async () => {
    const { answer } = await load(several, 'a.zip');
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'dataset.badFile',
      pointer: '/member',
      count: 3,
      members: listed,
    });
    expect(answer.body.detail).toContain('"member"');
  });

  test.each([
    ['data/orders-2024.csv', 'o'],
    ['**/orders-*.csv', 'o'],
    ['data/*.json', 'm'],
  ])('member=%s', async (member, column) => {
    const { answer, rows } = await load(several, 'a.zip', { member });
    expect(answer.body.columns).toEqual([{ name: column, type: 'integer' }]);
    expect(rows).toEqual([[1]]);
  });

  test.each([
    ['none', 'holds no file "none"', listed],
    ['data/*', '2 files that match "data/*"', listed.slice(0, 2)],
  ])('member=%s is refused', async (member, detail, named) => {
    const { answer } = await load(several, 'a.zip', { member });
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'request.invalid',
      pointer: '/member',
      members: named,
    });
    expect(answer.body.detail).toContain(detail);
  });

  test('a member of another file is refused', async () => {
    const { answer } = await load(new Uint8Array(gzipSync(SMALL)), 'a.csv.gz', { member: 'a' });
    expect(answer.body).toMatchObject({ status: 400, code: 'request.invalid', pointer: '/member' });
  });

  test('a name that is also a pattern is a name', async () => {
    const content = zipFile([
      { name: 'a[1].csv', content: 'x\n1\n' },
      { name: 'a1.csv', content: 'y\n1\n' },
    ]);
    expect((await load(content, 'a.zip', { member: 'a[1].csv' })).answer.body.columns[0].name).toBe('x');
  });

  test('one file among what systems add is taken', async () => {
    const { rows } = await load(zipFile([members[0]!, members[1]!, members[4]!, members[5]!]), 'a.zip');
    expect(rows).toEqual([[1]]);
  });

  test.each([
    ['an empty archive', zipFile([]), 422, 'dataset.empty', 'no file'],
    ['folders alone', zipFile([members[0]!]), 422, 'dataset.empty', 'no file'],
    [
      'an empty member',
      zipFile([{ name: 'a.csv', content: '', method: 0 }]),
      422,
      'dataset.empty',
      'no rows',
    ],
    [
      'encryption',
      zipFile([{ name: 'a.csv', content: SMALL, flags: 0x801 }]),
      422,
      'dataset.badFile',
      'encrypted',
    ],
    [
      'Deflate64',
      zipFile([{ name: 'a.csv', content: SMALL, method: 9, plain: SMALL }]),
      422,
      'dataset.badFile',
      'method 9',
    ],
    [
      'a size that is not true',
      zipFile([{ name: 'a.csv', content: BZIP2, method: 12, plain: `${SMALL}3,z\n` }]),
      422,
      'dataset.badFile',
      'damaged',
    ],
    [
      'a spreadsheet',
      zipFile([
        { name: '[Content_Types].xml', content: '<x/>' },
        { name: 'xl/workbook.xml', content: '<x/>' },
      ]),
      415,
      'request.unsupportedMedia',
      'a spreadsheet (XLSX)',
    ],
    [
      'a document',
      zipFile([
        { name: 'mimetype', content: 'application/vnd.oasis', method: 0 },
        { name: 'content.xml', content: '<x/>' },
      ]),
      415,
      'request.unsupportedMedia',
      'OpenDocument',
    ],
    [
      'a way out',
      zipFile([{ name: '../../a.csv', content: SMALL }]),
      422,
      'dataset.badFile',
      'invalid relative path',
    ],
  ])('%s is refused', async (_, content, status, code, detail) => {
    const { answer } = await load(content, 'a.csv');
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.body.detail).toContain(detail);
  });

  test('a new generation takes a member too', async () => {
    const { name } = await load(several, 'a.zip', { member: 'readme.txt' });
    const { answer } = await load(
      several,
      'a.zip',
      { member: '**/orders-*' },
      `/datasets/${name}/generations`,
    );
    expect(answer.body).toMatchObject({ generation: 2, columns: [{ name: 'o' }] });
  });
});
