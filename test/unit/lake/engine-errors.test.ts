import { expect, test } from 'bun:test';
import { AppError } from '../../../src/base/errors.ts';
import { toAppError } from '../../../src/lake/engine-errors.ts';

const cases: [Error, string][] = [
  [Object.assign(new Error('write'), { code: 'ENOSPC' }), 'storage.full'],
  [new Error('IO Error: Could not write file "x": No space left on device'), 'storage.full'],
  [new Error('Out of Memory Error: failed to allocate data of size 8 MiB'), 'overloaded'],
  [new Error('Invalid Input Error: Malformed JSON'), 'dataset.badFile'],
];

test.each(cases)('%s', (error, code) => {
  const found = toAppError(error) as AppError;
  expect(found).toBeInstanceOf(AppError);
  expect(found.code).toBe(code as AppError['code']);
  expect(found.message).not.toContain(error.message);
});

test('what is not known stays what it is', () => {
  const error = new Error('Binder Error: x');
  expect(toAppError(error)).toBe(error);
});
