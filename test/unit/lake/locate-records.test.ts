import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linesOf, placesOf } from '../../../src/lake/locate-records.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const rules = {
  delimiter: ',',
  quote: '"',
  skipLines: 0,
  header: true,
  blankLinesCount: false,
  rejected: new Set<number>(),
};

test('offsets far into a large file get their lines', async () => {
  const path = join(folder, 'lines.csv');
  const lines = Array.from({ length: 400_000 }, (_, i) => `${i},text`);
  await Bun.write(path, lines.join('\n'));
  const at = (line: number) => lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  expect(await linesOf(path, [at(100_000), at(250_001), at(400_000)], signal)).toEqual([
    100_000, 250_001, 400_000,
  ]);
});

test('records are found past quotes, blank lines and rejected ones', async () => {
  const path = join(folder, 'records.csv');
  const text = 'a,b\r\n1,"x\r\ny"\r\n\r\n5" pipe,2\r\nbad\r\n"a ""q"" b",3';
  await Bun.write(path, text);
  const rejected = new Set([text.indexOf('bad')]);
  const places = await placesOf(path, [1, 2, 3], { ...rules, rejected }, signal);
  expect(places.map(({ line }) => line)).toEqual([2, 5, 7]);
  expect(text.slice(places[1]!.start, places[1]!.end)).toBe('5" pipe,2\r');
});
