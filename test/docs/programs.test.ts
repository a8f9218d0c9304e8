import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { PROGRAMS } from '../programs.ts';

const ROOT = join(import.meta.dir, '../..');
const STARTS = /open(?:Postgres|Mariadb)Engine|\b(?:start(?:Postgres|Mariadb|MetadataServer)|eachStore)\b/;

test('every test file that starts a database server says so', async () => {
  const listed = new Set(PROGRAMS.flatMap(({ tests }) => tests));
  const starting: string[] = [];
  for (const file of new Bun.Glob('test/**/*.test.ts').scanSync({ cwd: ROOT }))
    if (!file.startsWith('test/docs/') && STARTS.test(await Bun.file(join(ROOT, file)).text()))
      starting.push(file);
  expect(starting.length).toBeGreaterThan(5);
  expect(starting.filter((file) => !listed.has(file))).toEqual([]);
});
