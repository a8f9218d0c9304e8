import { expect, test } from 'bun:test';
import { FUNCTIONS } from '../../src/sql/expression/functions.ts';

const section = async () => {
  const readme = await Bun.file(new URL('../../README.md', import.meta.url)).text();
  const found = /^## Expressions\n(.*?)^## /ms.exec(readme)?.[1];
  if (found === undefined) throw new Error('README has no section on expressions');
  return found;
};

test('every function of an expression is in the README, and no other is', async () => {
  const table = (await section())
    .split('\n')
    .filter((line) => /^\| (choice|numbers|text|time) \|/.test(line));
  const named = table.flatMap((line) =>
    [...line.matchAll(/`([a-z_0-9]+)(?:\([^`]*\))?`/g)].map((found) => found[1]!),
  );
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(FUNCTIONS).toSorted());
});
