import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { programVersion } from '../../../src/cluster/upgrade.ts';

test('a successor that does not come to serve in time is ended', async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'upgrade.child.ts')], { stdout: 'pipe' });
  const { pid, isServing } = (await child.stdout.json()) as { pid: number; isServing: boolean };
  expect([isServing, await child.exited]).toEqual([false, 0]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a file that is away is a version of its own', () => {
  const [here, away] = [process.execPath, '/nowhere/reporting-api'].map((file) => programVersion([file]));
  expect(programVersion([process.execPath])).toBe(here!);
  expect(away).not.toBe(here);
});
