import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Folders, foldersOf } from '../../../src/lake/folders.ts';
import { nameParts, openParts, removeParts } from '../../../src/lake/publish.ts';

let folder: string;
let folders: Folders;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  folders = foldersOf(join(folder, 'local.duckdb'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const textOf = (name: string) => Bun.file(join(folders.datasets, 'dst_1', name)).text();

async function publish(data: string, rejected: string, atLeast: number, upload?: string) {
  const parts = await openParts(folders, 'dst_1');
  await Bun.write(parts.target, data);
  await Bun.write(parts.rejected, rejected);
  const named = await nameParts(folders, 'dst_1', parts, { hasRejected: true, original: upload }, atLeast);
  await removeParts(parts);
  return named;
}

test('two loads at once get two numbers, each with its own rejected rows', async () => {
  const made = await Promise.all([publish('a', 'ra', 1), publish('b', 'rb', 1)]);
  expect(made.map(({ generation }) => generation).sort()).toEqual([1, 2]);
  for (const [i, { data, rejected }] of made.entries())
    expect([await textOf(data), await textOf(rejected!)]).toEqual(
      [
        ['a', 'ra'],
        ['b', 'rb'],
      ][i]!,
    );
});

test('rejected rows that a killed collection left without their data are in nobody’s way', async () => {
  const { data, rejected } = await publish('dead', 'of the dead', 1);
  await rm(join(folders.datasets, 'dst_1', data));
  expect(await publish('new', 'of the new', 1)).toEqual({
    generation: 1,
    data,
    rejected,
    original: undefined,
  });
  expect(await textOf(rejected!)).toBe('of the new');
  expect((await readdir(join(folders.datasets, 'dst_1'))).sort()).toEqual([data, rejected!].sort());
});

test('the upload that is kept has the number of its data', async () => {
  const upload = join(folder, 'upload');
  await Bun.write(upload, 'as it came');
  const made = await Promise.all([publish('a', 'ra', 1, upload), publish('b', 'rb', 1, upload)]);
  expect(made.map(({ original }) => original).sort()).toEqual(['1-original', '2-original']);
  for (const { original, generation } of made) {
    expect(original).toBe(`${generation}-original`);
    expect(await textOf(original!)).toBe('as it came');
  }
});
