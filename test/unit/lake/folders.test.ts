import { expect, test } from 'bun:test';
import { temporaryName, temporaryState } from '../../../src/lake/folders.ts';

test('a temporary file is known by the process that makes it', async () => {
  expect(temporaryState(temporaryName())).toBe('alive');
  expect(temporaryState('1-1.parquet')).toBe('none');
  const ended = Bun.spawn({ cmd: [process.execPath, '--version'], stdout: 'ignore' });
  await ended.exited;
  expect(temporaryState(`tmp-${ended.pid}-123-x`)).toBe('dead');
  // The pid lives, but it is another process than the one that made the file.
  expect(temporaryState(`tmp-${process.pid}-1-x`)).toBe('dead');
});
