import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { memoryLimitBytes } from '../../../src/base/memory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function limit(files: Record<string, string>): number {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return memoryLimitBytes({
    membership: join(folder, 'membership'),
    cgroups: join(folder, 'fs'),
    totalBytes: 8000,
  });
}

test('without cgroups the memory is the machine’s', () => {
  expect(limit({})).toBe(8000);
});

test('cgroup version 2: the limit of the group binds', () => {
  expect(limit({ membership: '0::/app\n', 'fs/app/memory.max': '2000\n' })).toBe(2000);
});

test('cgroup version 2: a smaller limit of an ancestor binds, `max` is none', () => {
  const files = {
    membership: '0::/a/b/c\n',
    'fs/a/b/c/memory.max': 'max\n',
    'fs/a/b/memory.max': '5000\n',
    'fs/a/memory.max': '3000\n',
  };
  expect(limit(files)).toBe(3000);
});

test('in a container whose group’s path is not mounted, the root of the tree speaks', () => {
  expect(limit({ membership: '0::/docker/abc\n', 'fs/memory.max': '1000\n' })).toBe(1000);
});

test('cgroup version 1: the memory controller binds, its “no limit” number does not', () => {
  const membership = '5:cpu,cpuacct:/x\n4:memory:/y\n0::/\n';
  expect(limit({ membership, 'fs/memory/y/memory.limit_in_bytes': '9223372036854771712\n' })).toBe(8000);
  expect(limit({ membership, 'fs/memory/y/memory.limit_in_bytes': '4000\n' })).toBe(4000);
});
