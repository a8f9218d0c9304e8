import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsvForm } from '../../../src/lake/csv/form.ts';
import { linesOfRows, rejectedRows } from '../../../src/lake/csv/rejected-rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const form: CsvForm = {
  syntax: { delimiter: ',', quote: '"', escape: '"', comment: '' },
  skipLines: 0,
  skipFooter: 0,
  fillShort: false,
  header: true,
  width: 2,
};

test('rows and rejected records far into a large file have their lines', async () => {
  const path = join(folder, 'lines.csv');
  const lines = Array.from({ length: 400_000 }, (_, i) => (i === 250_000 ? 'broken' : `${i},text`));
  await Bun.write(path, lines.join('\n'));
  expect(await linesOfRows(path, form, [399_998, 99_999], signal)).toEqual(
    new Map([
      [99_999, 100_000],
      [399_998, 400_000],
    ]),
  );
  expect(await Array.fromAsync(rejectedRows(path, form, [], [], signal))).toEqual([
    { start: 250_001, line: 250_001, message: 'has 1 field; 2 are expected', text: 'broken' },
  ]);
});

test('records are found past quotes, blank lines and rejected ones', async () => {
  const path = join(folder, 'records.csv');
  await Bun.write(path, 'a,b\r\n1,"x\r\ny"\r\n\r\n5" pipe,2\r\nbad\r\n"a ""q"" b",3');
  const misfits = [1, 2, 3].map((ordinal) => ({ ordinal, column: 'a', message: 'is no number' }));
  const found = await Array.fromAsync(rejectedRows(path, form, [], misfits, signal));
  expect(found.map(({ line, text }) => [line, text])).toEqual([
    [2, '1,"x\r\ny"'],
    [5, '5" pipe,2'],
    [6, 'bad'],
    [7, '"a ""q"" b",3'],
  ]);
});
