import { expect, test } from 'bun:test';
import { pickMerge } from '../../../src/lake/sync/pick-merge.ts';

const KIB = 1 << 10;
const MIB = 1 << 20;
const times = (count: number, size: number) => Array.from({ length: count }, () => size);

test.each<[string, number[], number[]]>([
  ['few small files', times(7, KIB), []],
  ['enough small files', times(8, KIB), [0, 1, 2, 3, 4, 5, 6, 7]],
  ['small files behind a large one', [300 * MIB, ...times(8, KIB)], [1, 2, 3, 4, 5, 6, 7, 8]],
  ['seven of one size and one of another', [...times(7, 5 * MIB), KIB], []],
  ['middling files among small ones', [KIB, ...times(8, 5 * MIB), KIB], [1, 2, 3, 4, 5, 6, 7, 8]],
  ['large files', times(20, 300 * MIB), []],
  ['what would become too large', times(8, 200 * MIB), [0, 1, 2, 3, 4]],
])('%s', (_, sizes, picked) => {
  expect(pickMerge(sizes, 8)).toEqual(picked);
});

test('how many files are made one is for the caller to say', () => {
  expect(pickMerge(times(3, KIB), 3)).toEqual([0, 1, 2]);
  expect(pickMerge(times(15, KIB), 16)).toEqual([]);
});

test('a thousand increments stand in few files, each row written few times', () => {
  let sizes: number[] = [];
  let written = 0;
  for (let run = 0; run < 1000; run++) {
    sizes.push(20 * KIB);
    for (let picked = pickMerge(sizes, 8); picked.length > 0; picked = pickMerge(sizes, 8)) {
      const merged = picked.reduce((sum, index) => sum + sizes[index]!, 0);
      written += merged;
      sizes = sizes.flatMap((size, index) =>
        index === picked[0] ? [merged] : picked.includes(index) ? [] : [size],
      );
    }
  }
  expect(sizes.length).toBeLessThan(30);
  expect(written / (1000 * 20 * KIB)).toBeLessThan(4);
});
