import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { datasetFilesIn } from '../../src/store/sqlite/examine.ts';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake({
    env: { DATASET_ORIGINAL_MAX_BYTES: '64KiB', DATASET_KEEP_GENERATIONS: '2', DATASET_GRACE_SECONDS: '0' },
  });
});
afterAll(() => lake[Symbol.asyncDispose]());

const encoded = (text: string, encoding: string) => new Uint8Array(iconv.encode(text, encoding));
const filesOf = async (id: string) => (await readdir(join(lake.folders.datasets, id))).sort();

describe('the encoding of an upload', () => {
  test.each([
    ['preis\n5 €\n', 'windows-1252', 'windows-1252'],
    ['fläche\n10 m²\n', 'windows-1252', 'windows-1252'],
    ['temp\n20 °C\n', 'windows-1252', 'windows-1252'],
    ['q\n½\n', 'windows-1252', 'windows-1252'],
    ['text\n“quoted” – it’s\n', 'windows-1252', 'windows-1252'],
    ['πόλη\nΑθήνα\nΘεσσαλονίκη\n', 'windows-1253', 'windows-1253'],
    ['şehir\nIğdır\nŞanlıurfa\n', 'windows-1254', 'windows-1254'],
    ['město\nPlzeň\nČeské Budějovice\n', 'windows-1250', 'windows-1250'],
    ['город\nМосква\n', 'KOI8-R', 'KOI8-R'],
  ])('%p is a guess that is said', async (text, encoding, name) => {
    const dataset = `g${Bun.hash(text)}`;
    const { body } = await lake.upload({ name: dataset }, encoded(text, encoding));
    expect(body.encoding).toEqual({ name, certainty: expect.any(Number), guessed: true });
    expect(body.encoding.certainty).toBeGreaterThan(0.3);
    expect(body.warnings[0]).toContain(`was read as ${name}`);
    const [heading = '', ...values] = text.trim().split('\n');
    expect(body.columns[0].name).toBe(heading);
    expect(await lake.rowsOf(dataset)).toEqual(values.map((value) => [value]));
    expect((await lake.call('GET', `/datasets/${dataset}`)).body.encoding).toEqual(body.encoding);
    const { body: list } = await lake.call('GET', `/datasets/${dataset}/generations`);
    expect(list.items[0].encoding).toEqual(body.encoding);
  });

  test.each([
    ['UTF-8', new TextEncoder().encode('a\né\n'), {}, 'utf-8'],
    [
      'UTF-16 with a mark',
      new Uint8Array(iconv.encode('a\né\n', 'utf-16le', { addBOM: true })),
      {},
      'utf-16le',
    ],
    ['one that is given', encoded('a\nж\n', 'windows-1251'), { encoding: 'windows-1251' }, 'windows-1251'],
    ['JSON', new TextEncoder().encode('[{"a":"é"}]'), { format: 'json' }, 'utf-8'],
  ])('%s is no guess', async (what, content, fields, name) => {
    const { body } = await lake.upload({ name: `n ${what}`, ...fields }, content);
    expect(body.encoding).toEqual({ name, certainty: 1, guessed: false });
  });
});

describe('a kept upload', () => {
  test('is read again with another encoding, byte for byte', async () => {
    const text = 'name;n\nŽluťoučký kůň;1,5\nÅngström;2,5\n';
    const bytes = encoded('name;n\nŽluťoučký kůň;1,5\n', 'windows-1250');
    const { body } = await lake.upload(
      { name: 'kept', encoding: 'windows-1252', delimiter: ';' },
      bytes,
      'k.csv',
    );
    expect(body).toMatchObject({ original: { bytes: bytes.length }, encoding: { name: 'windows-1252' } });
    expect(text).not.toContain(String((await lake.rowsOf('kept'))[0]![0]));
    const again = await lake.json('POST', '/datasets/kept/reload', { encoding: 'windows-1250' });
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({
      id: body.id,
      generation: 2,
      original: { bytes: bytes.length },
      encoding: { name: 'windows-1250', guessed: false },
    });
    expect(await lake.rowsOf('kept')).toEqual([['Žluťoučký kůň', '1.5']]);
    const { body: list } = await lake.call('GET', '/datasets/kept/generations');
    expect(list.items.map(({ sourceName }: { sourceName: string }) => sourceName)).toEqual([
      'k.csv',
      'k.csv',
    ]);
    for (const name of ['1-original', '2-original'])
      expect(await Bun.file(join(lake.folders.datasets, body.id, name)).bytes()).toEqual(bytes);
  });

  test('keeps its other options, and takes those that are given', async () => {
    const packed = new Uint8Array(gzipSync('a|b\n1.234|x\n5.678|y\n'));
    await lake.upload({ name: 'options', delimiter: '|', thousands: '.' }, packed, 'o.csv.gz');
    expect(await lake.rowsOf('options')).toEqual([
      [1234, 'x'],
      [5678, 'y'],
    ]);
    await lake.json('POST', '/datasets/options/reload', { thousands: '', decimal: '.' });
    expect(await lake.rowsOf('options')).toEqual([
      ['1.234', 'x'],
      ['5.678', 'y'],
    ]);
    await lake.json('POST', '/datasets/options/reload', { generation: 2, types: { a: 'text' } });
    expect((await lake.rowsOf('options'))[0]).toEqual(['1.234', 'x']);
  });

  test('goes with its generation, and with its dataset', async () => {
    const { body } = await lake.upload({ name: 'goes' }, 'v\n1\n');
    for (let i = 2; i <= 4; i++) await lake.upload({ name: 'goes', replace: 'true' }, `v\n${i}\n`);
    await lake.datasets.collect();
    expect(await filesOf(body.id)).toEqual(['3-1.parquet', '3-original', '4-1.parquet', '4-original']);
    const gone = await lake.json('POST', '/datasets/goes/reload', { generation: 1 });
    expect(gone.body).toMatchObject({ status: 404, code: 'resource.notFound' });
    await lake.call('DELETE', '/datasets/goes');
    await lake.datasets.collect();
    expect(await readdir(lake.folders.datasets)).not.toContain(body.id);
  });

  test('that fails leaves the dataset as it was', async () => {
    const { body } = await lake.upload({ name: 'fails' }, 'v\nx\n');
    const failed = await lake.json('POST', '/datasets/fails/reload', { types: { v: 'integer' } });
    expect(failed.body).toMatchObject({ status: 422, code: 'dataset.badRows' });
    expect((await lake.call('GET', '/datasets/fails')).body.generation).toBe(1);
    expect(await filesOf(body.id)).toEqual(['1-1.parquet', '1-original']);
  });

  test.each([
    ['that is too large', 'v\n'.padEnd(70_000, '1\n'), 'large.csv'],
    ['of no dataset', undefined, ''],
  ])('%s is not there', async (what, content, file) => {
    if (content !== undefined) {
      const { body } = await lake.upload({ name: what }, content, file);
      expect(body.original).toBeUndefined();
      expect(await filesOf(body.id)).toEqual(['1-1.parquet']);
    }
    const answer = await lake.json('POST', `/datasets/${encodeURIComponent(what)}/reload`, {});
    expect(answer.body).toMatchObject({ status: 404, code: 'resource.notFound' });
    if (content === undefined) return;
    expect(answer.body.limit).toBe('DATASET_ORIGINAL_MAX_BYTES');
    expect(await lake.metrics.registry.metrics()).toContain(
      'limits_hit_total{limit="DATASET_ORIGINAL_MAX_BYTES"} 1',
    );
  });

  test('whose file is gone is answered, not an internal error', async () => {
    const { body } = await lake.upload({ name: 'lost' }, 'v\n1\n');
    await rm(join(lake.folders.datasets, body.id, '1-original'));
    const answer = await lake.json('POST', '/datasets/lost/reload', {});
    expect(answer.body).toMatchObject({ status: 404, code: 'resource.notFound' });
  });

  test.each([
    [{ encoding: 'x-none' }, '/encoding'],
    [{ member: 'a' }, '/member'],
    [{ root: '/a' }, '/root'],
    [{ nonsense: 1 }, '/nonsense'],
    [{ generation: 0 }, '/generation'],
  ])('%p is refused', async (body, pointer) => {
    await lake.upload({ name: 'refuses', replace: 'true' }, 'v\n1\n');
    const answer = await lake.json('POST', '/datasets/refuses/reload', body);
    expect(answer.body).toMatchObject({ status: 400, code: 'request.invalid', pointer });
  });

  test('is in backups', async () => {
    const { body } = await lake.upload({ name: 'backed' }, 'v\n1\n');
    const { Database } = await import('bun:sqlite');
    const metadata = new Database(join(lake.folder, 'meta.sqlite'), { readonly: true });
    const files = datasetFilesIn(metadata).filter((file) => file.startsWith(body.id));
    metadata.close();
    expect(files).toEqual([`${body.id}/1-1.parquet`, `${body.id}/1-original`]);
  });
});
