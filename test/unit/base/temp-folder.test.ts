import { expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineId } from '../../../src/base/machine.ts';
import { makeTempFolder, touchTempFolder } from '../../../src/base/temp-folder.ts';

const yesterday = new Date(Date.now() - 25 * 3_600_000);

test('a start removes what dead processes left, and nothing that another machine may use', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'temp-'));
  const ended = Bun.spawn({ cmd: [process.execPath, '--version'], stdout: 'ignore' });
  await ended.exited;
  const own = `${machineId()}-${process.pid}`;
  const names = [
    own,
    `${machineId()}-${ended.pid}`,
    `${machineId()}-1`,
    '00000000-1',
    '00000000-2',
    '00000000-3',
    'notes',
  ];
  for (const name of names) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'spill'), 'x');
  }
  for (const name of ['00000000-2', '00000000-3']) await utimes(join(parent, name), yesterday, yesterday);
  await touchTempFolder(join(parent, '00000000-3'));
  expect(await makeTempFolder(parent)).toBe(join(parent, own));
  expect(await readdir(join(parent, own))).toEqual([]);
  expect((await readdir(parent)).sort()).toEqual(
    ['00000000-1', '00000000-3', `${machineId()}-1`, own, 'notes'].sort(),
  );
  await rm(parent, { recursive: true });
});
