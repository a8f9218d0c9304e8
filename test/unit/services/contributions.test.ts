import { describe, expect, test } from 'bun:test';
import { type Amount, contributionsOf, type Member } from '../../../src/services/ai/contributions.ts';
import { Decimals } from '../../../src/services/ai/decimals.ts';

type Row = [member: unknown, before: Amount, after: Amount];

function told(rows: Row[], top: number, isCut = false, whole?: { before: Amount; after: Amount }) {
  const members: Member[] = rows.map(([member, before, after]) => ({ member, before, after }));
  const decimals = new Decimals(
    [...rows.flatMap(([, ...ends]) => ends), whole?.before, whole?.after].filter(
      (each) => each !== undefined,
    ),
  );
  const sum = (side: 'before' | 'after') =>
    decimals.value(members.reduce((units, one) => units + decimals.units(one[side]), 0n));
  const ends = whole ?? { before: sum('before'), after: sum('after') };
  return { ends, decimals, ...contributionsOf(members, ends, top, decimals, isCut) };
}

test('decimals stay decimals: nothing is lost', () => {
  const { members, others } = told(
    [
      ['EU', '30.30', null],
      ['US', null, '30.31'],
      ['AS', '0.10', '0.10'],
    ],
    5,
  );
  expect(members).toEqual([
    { member: 'US', before: null, after: '30.31', delta: '30.31', share: 3031 },
    { member: 'EU', before: '30.30', after: null, delta: '-30.30', share: -3030 },
  ]);
  expect(others).toEqual({ members: 1, before: '0.10', after: '0.10', delta: '0.00', share: 0 });
});

test('whole numbers and floats stay numbers', () => {
  expect(told([['a', 1, 3]], 5)).toMatchObject({ members: [{ delta: 2, share: 1 }], others: null });
  expect(
    told(
      [
        ['a', 0.1, 0.3],
        ['b', 1e-7, 2e21],
      ],
      5,
    ).members,
  ).toMatchObject([
    { member: 'b', delta: 2e21 },
    { member: 'a', delta: 0.2 },
  ]);
});

test.each(['NaN', 'Infinity', '-Infinity', 'PT1H', ''])('%p is no number that adds up', (value) => {
  expect(() => told([['a', 1, value]], 5)).toThrow('no finite numbers');
});

test('a whole that did not change has no shares; negative totals keep their signs', () => {
  expect(
    told(
      [
        ['a', 1, 2],
        ['b', 2, 1],
      ],
      5,
    ).members.map(({ share }) => share),
  ).toEqual([null, null]);
  const { members } = told(
    [
      ['a', '-10.5', '-20'],
      ['b', '-1', null],
    ],
    5,
  );
  expect(members).toMatchObject([
    { member: 'a', delta: '-9.5', share: -9.5 / -8.5 },
    { member: 'b', delta: '1.0', share: 1 / -8.5 },
  ]);
});

test('where not all members were looked at, the others are what is left of the whole', () => {
  const whole = { before: '100.00', after: '90.00' };
  expect(
    told(
      [
        ['a', '5.00', '1.00'],
        ['b', '1.00', '1.00'],
      ],
      1,
      true,
      whole,
    ).others,
  ).toEqual({
    members: null,
    before: '95.00',
    after: '89.00',
    delta: '-6.00',
    share: 0.6,
  });
});

describe('members and others add up to the whole, to the last digit', () => {
  /** The same numbers each time (mulberry32). */
  function randomOf(seed: number) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  test.each([1, 2, 3, 4])('seed %i', (seed) => {
    const random = randomOf(seed);
    const amount = (): Amount =>
      random() < 0.2
        ? null
        : `${random() < 0.4 ? '-' : ''}${Math.floor(random() * 1e15)}.${String(Math.floor(random() * 1e4)).padStart(4, '0')}`;
    for (let round = 0; round < 200; round++) {
      const rows: Row[] = Array.from({ length: Math.floor(random() * 12) + 1 }, (_, i) => [
        i,
        amount(),
        amount(),
      ]);
      const { ends, decimals, members, others } = told(rows, Math.floor(random() * 6) + 1);
      const parts = others === null ? members : [...members, others];
      const sum = (field: 'before' | 'after' | 'delta') =>
        parts.reduce((units, part) => units + decimals.units(part[field]), 0n);
      const [before, after] = [decimals.units(ends.before), decimals.units(ends.after)];
      expect([sum('before'), sum('after'), sum('delta')]).toEqual([before, after, after - before]);
      expect(members.length + (others?.members ?? 0)).toBe(rows.length);
    }
  });
});
