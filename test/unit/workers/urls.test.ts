import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Glob } from 'bun';
import { WORKERS, workerUrl } from '../../../src/workers/urls.ts';

test('every worker of the folder has an address, and the address leads to it', () => {
  const folder = fileURLToPath(new URL('../../../src/workers/', import.meta.url));
  const files = [...new Glob('*.worker.ts').scanSync({ cwd: folder })].map((file) =>
    file.replace('.worker.ts', ''),
  );
  expect([...WORKERS].sort()).toEqual(
    files.sort() as typeof WORKERS extends readonly (infer N)[] ? N[] : never,
  );
  for (const name of WORKERS) expect(existsSync(fileURLToPath(workerUrl(name)))).toBe(true);
});
