import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { attestFence, type FenceTargets } from '../../../src/drivers/duckdb/fence.ts';
import { openFenced } from '../../../src/drivers/duckdb/instance.ts';

let root: string;
let targets: FenceTargets;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fence-'));
  for (const name of ['allowed', 'outside', 'spill']) mkdirSync(join(root, name));
  targets = {
    folder: join(root, 'allowed'),
    outsideFile: process.execPath,
    outsideFolder: join(root, 'outside'),
  };
});
afterEach(() => rmSync(root, { recursive: true }));

test('a fenced instance refuses every way out', async () => {
  const instance = await openFenced({
    folders: [targets.folder],
    tempFolder: join(root, 'spill'),
    memoryLimitBytes: 256 * 2 ** 20,
    tempMaxBytes: 2 ** 20,
    threads: 1,
  });
  expect(await attestFence(instance, targets)).toEqual([]);
  expect(readdirSync(targets.outsideFolder)).toEqual([]);
  instance.closeSync();
});

test('an instance without a fence is told by its holes', async () => {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    custom_extension_repository: join(root, 'none'),
    extension_directory: join(root, 'extensions'),
  });
  const failures = await attestFence(instance, targets);
  expect(failures).toContain('read_blob: was not refused');
  expect(failures).toContain('COPY TO: was not refused');
  expect(failures).toContain('ATTACH: was not refused');
  expect(failures).toContain('SET threads = 64: was not refused');
  instance.closeSync();
});
