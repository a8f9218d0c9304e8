import { describe, expect, test } from 'bun:test';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedFolder } from '../../../../src/services/ingest/watched-folder.ts';

async function openFolder() {
  const home = await mkdtemp(join(tmpdir(), 'watched-'));
  const [root, outside] = [join(home, 'root'), join(home, 'outside')];
  await mkdir(join(root, 'in'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'secret.csv'), 'secret');
  const folder = new WatchedFolder({ root, path: 'in', pattern: undefined, maxFiles: 100 });
  const put = (name: string, content: string) => writeFile(join(root, 'in', name), content);
  const read = async (name = 'a.csv', during: () => unknown = () => undefined) => {
    const file = (await folder.list()).find((each) => each.name === name)!;
    let text = '';
    const { isSame } = await folder.read(file, async (bytes) => {
      for await (const chunk of bytes) {
        text += Buffer.from(chunk).toString();
        await during();
      }
      return text;
    });
    return { isSame, text };
  };
  return {
    ...{ root, outside, folder, put, read },
    at: (name: string) => join(root, 'in', name),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  };
}

describe('a file of a watched folder', () => {
  test('is read as it stands', async () => {
    await using at = await openFolder();
    await at.put('a.csv', 'content');
    expect(await at.read()).toEqual({ isSame: true, text: 'content' });
  });

  test('that grows while it is read is not the same', async () => {
    await using at = await openFolder();
    await at.put('a.csv', 'half');
    expect((await at.read('a.csv', () => appendFile(at.at('a.csv'), ' more'))).isSame).toBe(false);
  });

  test.each<[what: string, change: (at: Awaited<ReturnType<typeof openFolder>>) => Promise<unknown>]>([
    ['removed', (at) => rm(at.at('a.csv'))],
    ['replaced', (at) => at.put('a.csv', 'something longer')],
    ['touched', (at) => utimes(at.at('a.csv'), new Date(0), new Date(0))],
    [
      'made a link',
      async (at) => {
        await rm(at.at('a.csv'));
        await symlink(join(at.outside, 'secret.csv'), at.at('a.csv'));
      },
    ],
    [
      'made a folder',
      async (at) => {
        await rm(at.at('a.csv'));
        await mkdir(at.at('a.csv'));
      },
    ],
  ])('that is %s after the look is not read', async (_, change) => {
    await using at = await openFolder();
    await at.put('a.csv', 'content');
    const [file] = await at.folder.list();
    await change(at);
    let taken = '';
    const { isSame } = await at.folder.read(file!, async (bytes) => {
      for await (const chunk of bytes) taken += Buffer.from(chunk).toString();
    });
    expect([isSame, taken]).toEqual([false, '']);
    await at.folder.dispose(file!, 'delete');
    expect(await readdir(join(at.outside))).toEqual(['secret.csv']);
  });

  test('in a folder that is led out of the root meanwhile is refused', async () => {
    await using at = await openFolder();
    await at.put('secret.csv', 'content');
    const [file] = await at.folder.list();
    await rename(join(at.root, 'in'), join(at.root, 'was'));
    await symlink(at.outside, join(at.root, 'in'));
    await expect(at.folder.read(file!, async () => 'taken')).rejects.toMatchObject({
      code: 'source.folder',
      params: { reason: 'outside' },
    });
    await expect(at.folder.dispose(file!, 'delete')).rejects.toMatchObject({ code: 'source.folder' });
    expect(await readdir(at.outside)).toEqual(['secret.csv']);
  });

  test('that was changed since it was read is not put away', async () => {
    await using at = await openFolder();
    await at.put('a.csv', 'content');
    const [file] = await at.folder.list();
    await at.put('a.csv', 'new content');
    await at.folder.dispose(file!, 'delete');
    expect(await readdir(join(at.root, 'in'))).toEqual(['a.csv']);
  });

  test('links, folders and hidden files are none', async () => {
    await using at = await openFolder();
    await at.put('.hidden', 'x');
    await mkdir(at.at('folder'));
    await symlink(join(at.outside, 'secret.csv'), at.at('link.csv'));
    await at.put('b.csv', 'x');
    expect((await at.folder.list()).map(({ name }) => name)).toEqual(['b.csv']);
  });

  test('the folder for what is done must be one', async () => {
    await using at = await openFolder();
    await symlink(at.outside, at.at('done'));
    await at.put('a.csv', 'x');
    const [file] = await at.folder.list();
    await expect(at.folder.dispose(file!, 'move')).rejects.toMatchObject({ code: 'source.folder' });
    expect(await readdir(at.outside)).toEqual(['secret.csv']);
  });
});

test.each(['/etc', '..', 'a/../../b', 'a\0b'])('the path %p is refused', (path) => {
  expect(() => new WatchedFolder({ root: '/tmp', path, pattern: undefined, maxFiles: 1 })).toThrow(
    /below it/,
  );
});

test.each(['../*', 'a/b.csv', '!x'])('the pattern %p is refused', (pattern) => {
  expect(() => new WatchedFolder({ root: '/tmp', path: 'x', pattern, maxFiles: 1 })).toThrow(
    /pattern of names/,
  );
});
