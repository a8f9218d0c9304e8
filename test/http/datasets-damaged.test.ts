import { afterAll, beforeAll, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { zipFile } from '../support/zip-file.ts';
import { type Lake, startLake } from './datasets-kit.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await startLake({ env: { UPLOAD_MAX_EXPANDED_BYTES: '50MB' } });
});
afterAll(() => lake[Symbol.asyncDispose]());

const ROWS = 500;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  id: i,
  name: `n${i % 7}é`,
  v: i / 4,
  at: '2024-01-31',
}));
const CSV = `id,name,v,at\n${rows.map(({ id, name, v, at }) => `${id},${name},${v},${at}\n`).join('')}`;
const JSON_ARRAY = JSON.stringify(rows);
const NDJSON = rows.map((row) => JSON.stringify(row)).join('\n');

/** Numbers below `max`, the same in each run. */
function dice(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * max);
  };
}

type Change = 'flip' | 'cut' | 'drop' | 'repeat' | 'zero' | 'noise';
const CHANGES: readonly Change[] = ['flip', 'flip', 'flip', 'cut', 'drop', 'repeat', 'zero', 'noise'];

function damaged(
  bytes: Uint8Array,
  roll: (max: number) => number,
): { content: Uint8Array<ArrayBuffer>; how: string } {
  const change = CHANGES[roll(CHANGES.length)]!;
  const at = roll(bytes.length);
  const length = Math.min(1 + roll(40), bytes.length - at);
  const [before, part, after] = [bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at + length)];
  const made: Record<Change, () => Uint8Array[]> = {
    flip: () => [before, part.map((byte, i) => (i === 0 ? byte ^ (1 << roll(8)) : byte)), after],
    cut: () => [before],
    drop: () => [before, after],
    repeat: () => [before, part, part, after],
    zero: () => [before, part.map(() => 0), after],
    noise: () => [before, part.map(() => roll(256)), after],
  };
  return { content: new Uint8Array(Buffer.concat(made[change]())), how: `${change} ${length} at ${at}` };
}

async function parquet(options: string): Promise<Uint8Array> {
  const path = join(lake.folder, 'made.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT range AS id, 'n' || range % 7 AS name, range / 4 AS v, DATE '2024-01-31' + range::INTEGER AS at,
      [range, 1] AS l, {'a': range} AS s, range::DECIMAL(18,2) AS d FROM range(${ROWS})) TO '${path}' (FORMAT parquet, ${options})`,
  );
  connection.closeSync();
  instance.closeSync();
  const bytes = await Bun.file(path).bytes();
  await rm(path);
  return bytes;
}

/** Of a file whose rows are guarded by check sums or counts, a change is refused or does no harm. */
type Guard = 'rows' | 'none';

const FILES: readonly [string, string, Guard, () => Promise<Uint8Array> | Uint8Array][] = [
  ['Parquet', 'a.parquet', 'rows', () => parquet('COMPRESSION snappy')],
  ['Parquet of many row groups', 'a.parquet', 'rows', () => parquet('COMPRESSION zstd, ROW_GROUP_SIZE 100')],
  [
    'Parquet without compression',
    'a.parquet',
    'rows',
    () => parquet('COMPRESSION uncompressed, PARQUET_VERSION v2'),
  ],
  ['a JSON array', 'a.json', 'none', () => Buffer.from(JSON_ARRAY)],
  ['JSON lines', 'a.ndjson', 'none', () => Buffer.from(NDJSON)],
  ['CSV', 'a.csv', 'none', () => Buffer.from(CSV)],
  ['gzip', 'a.csv.gz', 'rows', () => gzipSync(CSV)],
  ['zstd', 'a.csv.zst', 'none', () => zstdCompressSync(CSV)],
  ['zip', 'a.zip', 'rows', () => zipFile([{ name: 'a.csv', content: CSV }])],
];
const TIMES = 50;

test.each(FILES)(
  'damaged files: %s',
  async (name, file, guard, make) => {
    const bytes = await make();
    const roll = dice(name.length * 7919);
    const faults: unknown[] = [];
    let refused = 0;
    for (let i = 0; i < TIMES; i++) {
      const { content, how } = damaged(bytes, roll);
      const answer = await lake.upload({ name: 'd', replace: 'true' }, content, file);
      const { code, rowCount, rejected } = answer.body;
      if (answer.status !== 201) refused++;
      if (answer.status === 201 ? guard === 'rows' && rowCount !== ROWS : answer.status >= 500)
        faults.push({ how, status: answer.status, code, rowCount });
      if (answer.status === 201 && rejected.count !== 0) faults.push({ how, rejected });
      if (answer.status !== 201 && !/^(?:dataset|request)\./.test(code)) faults.push({ how, code });
    }
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(0);
    const whole = await lake.upload({ name: 'whole', replace: 'true' }, new Uint8Array(bytes), file);
    expect(whole.body.rowCount).toBe(ROWS);
  },
  120_000,
);

test('a JSON array that is cut anywhere is refused', async () => {
  const roll = dice(3);
  for (let i = 0; i < 40; i++) {
    const content = new Uint8Array(Buffer.from(JSON_ARRAY).subarray(0, 1 + roll(JSON_ARRAY.length - 1)));
    const { body } = await lake.upload({ name: 'cut', replace: 'true' }, content, 'a.json');
    expect(body).toMatchObject({ status: 422 });
  }
});
