import { expect, test } from 'bun:test';
import { issues } from '../../../src/domain/schema.ts';
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
