import { expect, test } from 'bun:test';
import { likePattern, literalPattern } from '../../../../src/sql/dialects/like-pattern.ts';
import { postgresRegex } from '../../../../src/sql/dialects/postgres-regex.ts';

test.each([
  ['a%b_', 'a%b_'],
  ['100\\%', '100|%'],
  ['a\\\\b', 'a\\b'],
  ['a|b', 'a||b'],
  ['[x]', '|[x]'],
  ['\\[', '|['],
  ['😀\\_', '😀|_'],
])('the pattern %s is %s with another escape', (pattern, wanted) => {
  expect(likePattern(pattern, '|', '%_[')).toBe(wanted);
});

test('a literal keeps no wildcard', () => {
  expect(literalPattern('50%_|[', '|', '%_[')).toBe('50|%|_|||[');
});

test.each([
  ['\\bab\\B', '(?p)\\yab\\Y'],
  ['a\\z', '(?p)a\\Z'],
  ['a\\\\b', '(?p)a\\\\b'],
  ['\\d+\\.', '(?p)\\d+\\.'],
])('the regular expression %s is %s in PostgreSQL', (pattern, wanted) => {
  expect(postgresRegex(pattern)).toBe(wanted);
});

test.each(['\\pL', '\\P{Greek}', '(?P<a>b)', '(?<a>b)', '(?i)a', '(?i:a)', '\\Qa\\E', '\\C'])(
  'PostgreSQL refuses %s by name',
  (pattern) => {
    expect(() => postgresRegex(pattern)).toThrow(expect.objectContaining({ code: 'query.unsupported' }));
  },
);
