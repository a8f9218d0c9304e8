import { afterAll, beforeAll, expect, test } from 'bun:test';
import { param, sql } from '../../../src/sql/ast.ts';
import { checkRegex } from '../../../src/sql/patterns.ts';
import { openDatabase, type TestDatabase } from './duckdb.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const runs = (pattern: string) => db.rows(sql`SELECT regexp_matches('abc', ${param(pattern)}, 'i')`);

test.each([
  '',
  '^a.*c$',
  '(?i)a|b',
  '(?P<first>a)(?:b)',
  '[[:alpha:]]+\\d{1,1000}',
  '\\pL\\p{Greek}',
  '\\Q(*\\E',
  'a\\Q(',
  '\\\\Q',
  '[^]a]',
  'a??b*?',
  'x{,5}',
  'é🦆',
])('%j is let through, and the engine takes it', async (pattern) => {
  expect(() => checkRegex(pattern, '/v')).not.toThrow();
  expect(await runs(pattern)).toHaveLength(1);
});

test.each([
  '(',
  'a)',
  '[a',
  'a\\',
  '*a',
  'a**',
  '[z-a]',
  'a{2,1}',
  'a{1001}',
  '(?=a)',
  '(?<!a)',
  '(a)\\1',
  '\\y',
  '\\E',
  '(?P<a-b>a)',
])('%j is refused, and the engine would refuse it', async (pattern) => {
  expect(() => checkRegex(pattern, '/v')).toThrow('regular expression');
  await expect(runs(pattern)).rejects.toThrow();
});

test('a pattern of more than a thousand characters is refused', () => {
  expect(() => checkRegex('a'.repeat(1001), '/v')).toThrow('1000');
});
