import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectFiles, type KnownFiles } from '../../../src/lake/collect.ts';
import { type Folders, foldersOf, makeFolders } from '../../../src/lake/folders.ts';
import { NewFiles } from '../../../src/lake/sync/new-files.ts';

let folder: string;
let folders: Folders;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'collect-'));
  folders = foldersOf(join(folder, 'local.duckdb'));
  await makeFolders(folders);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const NOTHING: KnownFiles = { kept: new Set(), retired: new Map() };
const namesOf = (id: string) => readdir(join(folders.datasets, id)).then((names) => names.sort());

/** A file of the dataset that has its name, and is not published yet. */
async function named(files: NewFiles): Promise<string> {
  const path = files.path();
  await writeFile(path, 'rows');
  const [name] = await files.name([path], 7);
  return name!;
}

test('a run of another machine that publishes while a collection reads the metadata keeps its files', async () => {
  const files = await NewFiles.open(folders, 'dst_1');
  const name = await named(files);
  // As it looks from another machine: these names are of no process that can be looked at.
  await files.close();
  const marker = join(folders.datasets, 'dst_1', 'tmp-00000000-1-1-marker');
  await writeFile(marker, '');
  const { files: removed } = await collectFiles(
    folders,
    async () => {
      const known = NOTHING;
      // Right after the metadata were read, the run publishes and ends.
      await rm(marker);
      return known;
    },
    '9999',
  );
  expect(removed).toBe(0);
  expect(await namesOf('dst_1')).toEqual([name]);
});

test('what a process left behind that died before the metadata were read goes', async () => {
  const files = await NewFiles.open(folders, 'dst_1');
  const name = await named(files);
  await files.close();
  const ended = Bun.spawnSync(['true']).pid;
  const machine = files.path().split('/').at(-1)!.split('-')[1];
  await writeFile(join(folders.datasets, 'dst_1', `tmp-${machine}-${ended}-1-marker`), '');
  await collectFiles(folders, async () => ({ ...NOTHING, kept: new Set(['dst_1/other']) }), '9999');
  expect(name).toMatch(/^7-1-/);
  expect(await readdir(folders.datasets)).toEqual([]);
});

test('a name never comes twice: a collection that looked before does not take the file that came after', async () => {
  const files = await NewFiles.open(folders, 'dst_1');
  const first = await named(files);
  await files.close();
  let second = '';
  await collectFiles(
    folders,
    async () => {
      // Another process has collected what an ended run left behind, and a new run publishes in the same generation.
      await rm(join(folders.datasets, 'dst_1', first));
      const again = await NewFiles.open(folders, 'dst_1');
      second = await named(again);
      await again.close();
      return NOTHING;
    },
    '9999',
  );
  expect(await namesOf('dst_1')).toEqual([second]);
});
