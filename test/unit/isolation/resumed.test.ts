import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Resumed, RunsDiffer } from '../../../src/isolation/resumed.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Cuts bytes at random places. */
function pieces(bytes: Bytes, cuts: readonly number[]): Bytes[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((to, i) => bytes.subarray(at[i]!, to));
}

const answer = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => new Uint8Array(bytes));
const cuts = fc.array(fc.nat(1000), { maxLength: 6 });

test('after a run that broke off, the next one gives the reader exactly what it lacks', () => {
  fc.assert(
    fc.property(
      answer,
      cuts,
      fc.array(fc.tuple(fc.nat(1000), cuts), { maxLength: 3 }),
      (bytes, last, broken) => {
        const got: number[] = [];
        const resumed = new Resumed((chunk) => void got.push(...chunk));
        for (const [upTo, at] of broken) {
          for (const piece of pieces(bytes.subarray(0, upTo % (bytes.length + 1)) as Bytes, at))
            resumed.take(piece);
          resumed.restart();
        }
        for (const piece of pieces(bytes, last)) resumed.take(piece);
        expect(got).toEqual([...bytes]);
      },
    ),
  );
});

test('a run that gives other bytes is seen, and nothing of it is handed on', () => {
  const got: number[] = [];
  const resumed = new Resumed((chunk) => void got.push(...chunk));
  resumed.take(new Uint8Array([1, 2, 3]));
  resumed.restart();
  expect(() => resumed.take(new Uint8Array([1, 9, 3, 4]))).toThrow(RunsDiffer);
  expect(got).toEqual([1, 2, 3]);
});
