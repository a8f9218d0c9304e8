import { describe, expect, test } from 'bun:test';
import { orAborted } from '../../../src/base/abort.ts';

describe('work that may not heed its signal', () => {
  test('gives its value or its fault', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(5), signal)).toBe(5);
    expect(await orAborted(Promise.reject(new Error('own')), signal).catch((error) => error.message)).toBe(
      'own',
    );
  });

  test('is left when the signal aborts, before or after', async () => {
    const never = new Promise<never>(() => undefined);
    const controller = new AbortController();
    const waiting = orAborted(never, controller.signal).catch((reason: unknown) => reason);
    controller.abort('why');
    expect(await waiting).toBe('why');
    expect(await orAborted(never, controller.signal).catch((reason: unknown) => reason)).toBe('why');
  });
});
