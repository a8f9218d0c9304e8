import { expect, test } from 'bun:test';
import { routeTable } from '../../../src/http/route-table.ts';

const find = routeTable([
  { method: 'GET', path: '/api/' },
  { method: 'GET', path: '/api/things' },
  { method: 'POST', path: '/api/things', hooks: { parse: [{ fn: 'none' }] } },
  { method: 'GET', path: '/api/things/:id' },
  { method: 'GET', path: '/api/things/latest' },
  { method: 'DELETE', path: '/api/things/:id' },
  { method: 'POST', path: '/api/things/:name/copy' },
  { method: 'GET', path: '/api/files/*' },
]);

test.each([
  ['/api', '/api'],
  ['/api/', '/api'],
  ['/api/things', '/api/things'],
  ['/api/things/', '/api/things'],
  ['/api/things/latest', '/api/things/latest'],
  ['/api/things/thing_1', '/api/things/:id'],
  ['/api/things/x/copy', '/api/things/:name/copy'],
  ['/api/files/a/b.txt', '/api/files/*'],
  ['/api/things//copy', undefined],
  ['/api/things/x/y', undefined],
  ['/API/things', undefined],
  ['', undefined],
  ['/constructor', undefined],
])('%p is %p', (path, pattern) => {
  expect(find(path)?.pattern).toBe(pattern as string);
});

test('methods, with HEAD for GET, and uploads are known', () => {
  expect([...find('/api/things')!.methods].sort()).toEqual(['GET', 'HEAD', 'POST']);
  expect([...find('/api/things')!.rawBody]).toEqual(['POST']);
  expect([...find('/api/things/1')!.methods].sort()).toEqual(['DELETE', 'GET', 'HEAD']);
});
