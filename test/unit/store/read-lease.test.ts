import { expect, test } from 'bun:test';
import { ReadLease } from '../../../src/store/postgres/read-lease.ts';

test('what was read may be kept for a tenth of a second, and not past a write of this process', () => {
  let now = 5000;
  const lease = new ReadLease(() => now);
  const first = lease.mark();
  now += 99;
  expect(lease.mark()).toBe(first!);
  const written = lease.write();
  expect(lease.mark()).toBeUndefined();
  written();
  const second = lease.mark();
  expect(second).not.toBe(first);
  now += 1;
  expect(lease.mark()).not.toBe(second);
});
