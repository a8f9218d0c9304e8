import { expect, test } from 'bun:test';
import { preferredEncoding } from '../../../src/http/accept-encoding.ts';
import { matchesEtag, weakened } from '../../../src/http/etag.ts';

test.each<[string | null, string | undefined]>([
  [null, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip;q=1.0, zstd;q=0.5', 'gzip'],
  ['gzip;q=0', undefined],
  ['*', 'zstd'],
  ['*;q=0, gzip', 'gzip'],
  ['br', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip', 'gzip'],
  ['GZIP ; Q=0.3', 'gzip'],
  ['gzip;q=nonsense', undefined],
  ['gzip;q=7', undefined],
])('Accept-Encoding %p asks for %p', (header, expected) => {
  expect(preferredEncoding(header, ['zstd', 'gzip'])).toBe(expected as 'gzip');
});

test.each<[string | null, string | null, boolean]>([
  ['"a"', '"a"', true],
  ['W/"a"', '"a"', true],
  ['"a"', 'W/"a"', true],
  ['"x", W/"a"', '"a"', true],
  ['*', '"a"', true],
  ['"b"', '"a"', false],
  [null, '"a"', false],
  ['*', null, false],
])('If-None-Match %p with %p: %p', (given, etag, expected) => {
  expect(matchesEtag(given, etag)).toBe(expected);
});

test('a weak tag stays as it is', () => {
  expect([weakened('"a"'), weakened('W/"a"')]).toEqual(['W/"a"', 'W/"a"']);
});
