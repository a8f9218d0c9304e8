import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheBases, type EmbeddedFile, withUnpacked } from '../../deploy/embedded-files.ts';

let root: string;
let files: EmbeddedFile[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'embedded-'));
  files = ['one.so', 'two.node'].map((name) => {
    const source = join(root, `source-${name}`);
    const content = `the bytes of ${name}`;
    writeFileSync(source, content);
    return {
      name,
      source,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    };
  });
});
afterEach(() => rmSync(root, { recursive: true }));

const unpack = (...bases: string[]) =>
  withUnpacked(
    files,
    'app/v1',
    bases.map((base) => join(root, base)),
    (folder) => folder,
  );

test('files are put into a folder of this user alone, once', () => {
  const folder = unpack('cache');
  expect(readdirSync(folder).sort()).toEqual(['one.so', 'two.node']);
  expect(readFileSync(join(folder, 'one.so'), 'utf8')).toBe('the bytes of one.so');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const before = statSync(join(folder, 'one.so')).ino;
  expect(unpack('cache')).toBe(folder);
  expect(statSync(join(folder, 'one.so')).ino).toBe(before);
});

test('a torn file is put right', () => {
  const path = join(unpack('cache'), 'one.so');
  chmodSync(path, 0o700);
  writeFileSync(path, 'the by');
  unpack('cache');
  expect(readFileSync(path, 'utf8')).toBe('the bytes of one.so');
});

test('bytes that are not those of the build are never put down', () => {
  writeFileSync(files[1]!.source, 'THE bytes of two.node');
  expect(() => unpack('cache')).toThrow('two.node in this program is damaged');
  expect(existsSync(join(root, 'cache/app/v1/two.node'))).toBe(false);
});

describe('a folder that another user could fill is passed over', () => {
  test('because everybody may write above it', () => {
    mkdirSync(join(root, 'open'));
    chmodSync(join(root, 'open'), 0o777);
    expect(unpack('open', 'cache')).toBe(join(root, 'cache/app/v1'));
  });

  test('because it is a link', () => {
    mkdirSync(join(root, 'planted/app'), { recursive: true });
    mkdirSync(join(root, 'target'));
    symlinkSync(join(root, 'target'), join(root, 'planted/app/v1'));
    expect(unpack('planted', 'cache')).toBe(join(root, 'cache/app/v1'));
    expect(readdirSync(join(root, 'target'))).toEqual([]);
  });

  test('because it belongs to somebody else', () => {
    mkdirSync(join(root, 'theirs/bin'), { recursive: true });
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(join(root, 'theirs/bin'), 65534, 65534);
    const bases = [isRoot ? join(root, 'theirs') : '/usr', join(root, 'cache')];
    expect(withUnpacked(files, 'bin', bases, (folder) => folder)).toBe(join(root, 'cache/bin'));
    expect(() => withUnpacked(files, 'bin', bases.slice(0, 1), String)).toThrow('belongs to another user');
  });
});

test('a folder where the files cannot be used is passed over, and all reasons are told', () => {
  const bases = ['a', 'b'].map((name) => join(root, name));
  const used = withUnpacked(files, 'v1', bases, (folder) => {
    if (folder.startsWith(join(root, 'a'))) throw new Error('noexec');
    return folder;
  });
  expect(used).toBe(join(root, 'b/v1'));
  writeFileSync(join(root, 'file'), '');
  expect(() => unpack('file', 'file')).toThrow(/XDG_CACHE_HOME[\s\S]*file: [\s\S]*file: /);
});

test('a library that the machine lacks is named, not the folder', () => {
  const load = () => {
    throw new Error('libstdc++.so.6: cannot open shared object file: No such file or directory');
  };
  expect(() => withUnpacked(files, 'v1', [join(root, 'a')], load)).toThrow(
    /^DuckDB needs libstdc\+\+\.so\.6, which this machine does not have: install libstdc\+\+6 /,
  );
  const torn = () => {
    throw new Error(`${root}/two.node: cannot open shared object file: No such file or directory`);
  };
  expect(() => withUnpacked(files, 'v1', [join(root, 'a')], torn)).toThrow(/^DuckDB could not be unpacked/);
});

test('systemd’s folder comes first, then the user’s, the system’s last; relative ones do not count', () => {
  const user = process.getuid?.() ?? 0;
  expect(
    cacheBases(
      { HOME: '/home/x', CACHE_DIRECTORY: '/var/cache/a:/b', STATE_DIRECTORY: '/var/lib/a' },
      '/tmp',
    ),
  ).toEqual(['/var/cache/a', '/home/x/.cache', '/var/lib/a', `/tmp/reporting-api-${user}`]);
  expect(cacheBases({ XDG_CACHE_HOME: 'relative' }, '/tmp')).toEqual([`/tmp/reporting-api-${user}`]);
});
