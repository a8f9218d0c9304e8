import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const CODE = /['"`]((?:types|dates|numbers|booleans)\.[a-z][A-Za-z]+)(?=['"`:])/g;

test('the README explains every warning of an upload, and no other', () => {
  const folder = join(root, 'src/lake');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const given = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(CODE)].map(([, code]) => code!),
  );
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const table = /\| warning \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readme)?.[1] ?? '';
  const explained = [...table.matchAll(CODE)].map(([, code]) => code!);
  expect(explained.length).toBeGreaterThan(10);
  expect(new Set(explained).size).toBe(explained.length);
  expect([...new Set(given)].sort()).toEqual(explained.sort());
});
