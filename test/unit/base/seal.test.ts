import { describe, expect, test } from 'bun:test';
import { Seal } from '../../../src/base/seal.ts';

const [OLD, NEW] = ['old-'.repeat(10), 'new-'.repeat(10)];
const PLACE = 'datasource/ds_1/password';
const unreadable = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('sealed secrets', () => {
  test.each(['', 'x', 'pässwörd 😀', 'a'.repeat(100_000), '\u0000', 'v1.a.b.c'])(
    'come back whole: %#',
    (text) => {
      const seal = new Seal(OLD);
      const sealed = seal.seal(text, PLACE);
      expect(sealed).toMatch(/^v1\.[0-9a-f]{12}\.[\w-]{16}\.[\w-]+$/);
      if (text.length > 1) expect(sealed).not.toContain(text);
      expect(seal.open(sealed, PLACE)).toBe(text);
      expect(new Seal(OLD).open(sealed, PLACE)).toBe(text);
    },
  );

  test('are never sealed alike', () => {
    const seal = new Seal(OLD);
    expect(new Set(Array.from({ length: 100 }, () => seal.seal('same', PLACE))).size).toBe(100);
  });

  test('open nowhere else', () => {
    const seal = new Seal(OLD);
    const sealed = seal.seal('x', PLACE);
    for (const place of ['datasource/ds_2/password', 'datasource/ds_1/ca', '', `${PLACE} `])
      expect(unreadable(() => seal.open(sealed, place))).toBe('storage.sealed');
  });

  test('a changed character anywhere is found', () => {
    const seal = new Seal(OLD);
    const sealed = seal.seal('secret', PLACE);
    for (let i = 0; i < sealed.length; i++) {
      const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`;
      const opened = unreadable(() => seal.open(changed, PLACE));
      // The last character of base64url has bits that mean nothing.
      if (opened !== 'secret') expect(opened).toBe('storage.sealed');
      else expect(i).toBe(sealed.length - 1);
    }
  });

  test.each([
    '',
    'v1',
    'v1...',
    'v2.a.b.c',
    'plain text',
    'v1.a.b.c.d',
    `v1.${'0'.repeat(12)}.AAAAAAAAAAAAAAAA.AAAA`,
  ])('what is none is refused: %p', (text) =>
    expect(unreadable(() => new Seal(OLD).open(text, PLACE))).toBe('storage.sealed'),
  );

  test('another key opens nothing, and says what to do', () => {
    const sealed = new Seal(OLD).seal('secret', PLACE);
    expect(() => new Seal(NEW).open(sealed, PLACE)).toThrow(/SECRET_KEY_PREVIOUS/);
    expect(() => new Seal(NEW, 'third-'.repeat(8)).open(sealed, PLACE)).toThrow(/SECRET_KEY_PREVIOUS/);
  });

  test('rotation: the previous key opens, the present one seals anew', () => {
    const sealed = new Seal(OLD).seal('secret', PLACE);
    const rotating = new Seal(NEW, OLD);
    expect(rotating.open(sealed, PLACE)).toBe('secret');
    const renewed = rotating.reseal(sealed, PLACE)!;
    expect(rotating.reseal(renewed, PLACE)).toBeUndefined();
    expect(new Seal(NEW).open(renewed, PLACE)).toBe('secret');
    expect(unreadable(() => new Seal(OLD).open(renewed, PLACE))).toBe('storage.sealed');
    expect(unreadable(() => new Seal(NEW).reseal(sealed, PLACE))).toBe('storage.sealed');
  });

  test('a fingerprint tells texts apart, not what they are, and keys give their own', () => {
    const seal = new Seal(OLD);
    expect(seal.fingerprint('a')).toBe(new Seal(OLD).fingerprint('a'));
    expect(seal.fingerprint('a')).not.toBe(seal.fingerprint('b'));
    expect(seal.fingerprint('a')).not.toBe(new Seal(NEW).fingerprint('a'));
    expect(Number.isSafeInteger(seal.fingerprint('a'))).toBe(true);
  });
});
