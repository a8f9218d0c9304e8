import { expect, test } from 'bun:test';
import { QuerySpec } from '../../../src/domain/query-spec.ts';
import { issues } from '../../../src/domain/schema.ts';
import { shrink } from '../../../src/domain/shrink.ts';
import { SyncTaskInput } from '../../../src/domain/sync-task.ts';

const url = { url: 'http://h/' };

test.each<[what: string, source: unknown, pointer: string, says: string]>([
  ['an unknown kind', { kind: 'ftp' }, '/source/kind', 'must be one of table, sql, http, url, folder'],
  ['a field that is missing', { kind: 'http' }, '/source', 'must have the field request'],
  [
    'an unknown field',
    { kind: 'http', request: { ...url, x: 1 } },
    '/source/request/x',
    'is not a known field',
  ],
  ['a wrong type', { kind: 'url', url: 5 }, '/source/url', 'must be string'],
  ['no object', 'x', '/source', 'must be object'],
  [
    'a union within',
    { kind: 'http', request: url, auth: { type: 'bearer' } },
    '/source/auth',
    'must have the field token',
  ],
  [
    'an unknown kind within',
    { kind: 'http', request: url, paging: { type: 'pages' } },
    '/source/paging/type',
    'must be one of none, page, offset, cursor, link',
  ],
  [
    'a literal secret',
    { kind: 'http', request: url, auth: { type: 'bearer', token: 'x' } },
    '/source/auth/token',
    'must be object',
  ],
])('of a union, what was meant is told: %s', (_, source, pointer, says) => {
  const task = { name: 'a', dataset: 'b', mode: 'snapshot', source };
  expect(issues(SyncTaskInput, task)).toEqual([{ pointer, message: says }]);
});

test.each<[spec: object, pointer: string, near: string]>([
  [{ dimension: ['a'] }, '/dimension', 'did you mean dimensions?'],
  [{ measures: [{ agg: 'sum', feild: 'a' }] }, '/measures/0/feild', 'did you mean field?'],
  [{ where: { field: 'a', op: 'eq', vaule: 1 } }, '/where/vaule', 'did you mean value?'],
  [
    { where: { and: [{ not: { field: 'a', op: 'eq', valu: 1 } }] } },
    '/where/and/0/not/valu',
    'did you mean value?',
  ],
])('an unknown field names those that are near: %j', (spec, pointer, near) => {
  const found = issues(QuerySpec, { from: { dataset: 'o' }, ...spec });
  expect(found).toContainEqual({ pointer, message: `is not a known field; ${near}` });
});

test('an unknown field that is near to none names none', () => {
  for (const name of ['zzz', '%', 'a/b', '__proto__', 'x'.repeat(5000)]) {
    const spec = JSON.parse(`{"from":{"dataset":"o"},"dimensions":["a"],${JSON.stringify(name)}:1}`);
    expect(issues(QuerySpec, spec).map(({ message }) => message)).toEqual(['is not a known field']);
  }
});

const from = { dataset: 'o' };
const equal = { field: 'a', op: 'eq', value: 'x' };
const many = (count: number, one: unknown = equal) => Array.from({ length: count }, () => one);
/** A thousand filters in each of thirty lists, of which one is wrong. */
const nested = {
  and: Array.from({ length: 30 }, (_, i) => ({
    or: [...many(i === 29 ? 700 : 1000), ...(i === 29 ? [{ field: 'a/b', op: 'nope' }, ...many(299)] : [])],
  })),
};

test.each<[what: string, spec: object, pointer: string, says: RegExp]>([
  ['the last of many', { where: nested }, '/where/and/29/or/700/op', /^must be one of eq/],
  [
    'a list that is too long',
    { where: { or: many(20_000) } },
    '/where/or',
    /^must not have more than 1000 items$/,
  ],
  [
    'values that are too many',
    { where: { field: 'a', op: 'in', values: many(10_001, 1) } },
    '/where/values',
    /^must not have more than 10000 items$/,
  ],
  ['another field', { where: { or: many(900) }, limit: -1 }, '/limit', /^must be/],
  [
    'an element of a list in a list',
    { where: { or: [...many(900), { and: [...many(400), 7] }] } },
    '/where/or/900/and/400',
    /^must be/,
  ],
])('a large value is told of as a small one: %s', (_, spec, pointer, says) => {
  const [fault, ...others] = issues(QuerySpec, { from, ...spec });
  expect([fault?.pointer, others]).toEqual([pointer, []]);
  expect(fault!.message).toMatch(says);
});

test('what is nested deeper than can be followed is a fault, no failure', () => {
  let where: object = equal;
  for (let i = 0; i < 200_000; i++) where = { and: [where] };
  expect(issues(QuerySpec, { from, where })).toEqual([{ pointer: '', message: 'is nested too deep' }]);
});

test('little is left of a large value to find faults in, after few checks', () => {
  let checks = 0;
  const fails = (value: unknown) => {
    checks++;
    return JSON.stringify(value).includes('nope');
  };
  const { value, starts } = shrink({ where: nested }, fails);
  expect(JSON.stringify(value).length).toBeLessThan(20_000);
  expect(JSON.stringify(value)).toContain('nope');
  expect(starts.get('/where/and')).toBeGreaterThan(0);
  expect(checks).toBeLessThan(100);
  const small = { where: { or: many(20) } };
  expect(shrink(small, fails).value).toBe(small);
});
