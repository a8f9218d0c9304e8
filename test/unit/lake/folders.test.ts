import { expect, test } from 'bun:test';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineId } from '../../../src/base/machine.ts';
import { temporaryName, temporaryState } from '../../../src/lake/folders.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'folders-'));
  await work(folder).finally(() => rm(folder, { recursive: true }));
}

test('a temporary file is known by the process that makes it', async () => {
  await withFolder(async (folder) => {
    const stateOf = (name: string) => temporaryState(folder, name);
    expect(await stateOf(temporaryName())).toBe('alive');
    expect(await stateOf(`${temporaryName()}.wal`)).toBe('alive');
    expect(await stateOf('1-1.parquet')).toBe('none');
    const ended = Bun.spawn({ cmd: [process.execPath, '--version'], stdout: 'ignore' });
    await ended.exited;
    expect(await stateOf(`tmp-${machineId()}-${ended.pid}-123-x`)).toBe('dead');
    // The pid lives, but it is another process than the one that made the file.
    expect(await stateOf(`tmp-${machineId()}-${process.pid}-1-x`)).toBe('dead');
  });
});

test('a temporary file of another machine is left alone until nobody wrote to it for a day', async () => {
  await withFolder(async (folder) => {
    const name = 'tmp-00000000-1-1-x';
    await writeFile(join(folder, name), 'rows');
    expect(await temporaryState(folder, name)).toBe('alive');
    const hours = (n: number) => new Date(Date.now() - n * 3_600_000);
    await utimes(join(folder, name), hours(23), hours(23));
    expect(await temporaryState(folder, name)).toBe('alive');
    await utimes(join(folder, name), hours(25), hours(25));
    expect(await temporaryState(folder, name)).toBe('dead');
    expect(await temporaryState(folder, 'tmp-00000000-1-1-gone')).toBe('dead');
  });
});
