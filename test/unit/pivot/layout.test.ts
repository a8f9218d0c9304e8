import { describe, expect, test } from 'bun:test';
import { type AxisShape, layoutAxis, totalCount } from '../../../src/pivot/layout.ts';

/** Details a1 a2 | b1 | c1 c2 c3 of two dimensions. */
const groups = Int32Array.of(0, 0, 1, 2, 2, 2);
const shape = (more: Partial<AxisShape> = {}): AxisShape => ({
  depth: 2,
  detailCount: 6,
  groupOf: new Map([[1, groups]]),
  totals: [0, 1],
  position: 'last',
  from: 0,
  to: 6,
  ...more,
});

const headers = (axis: AxisShape) => {
  const { level, index } = layoutAxis(axis);
  return Array.from(level, (at, i) => `${at}:${index[i]}`).join(' ');
};

describe('layout of an axis', () => {
  test.each<[string, Partial<AxisShape>, string]>([
    ['subtotals follow their details', {}, '2:0 2:1 1:0 2:2 1:1 2:3 2:4 2:5 1:2 0:0'],
    ['subtotals stand first when asked', { position: 'first' }, '0:0 1:0 2:0 2:1 1:1 2:2 1:2 2:3 2:4 2:5'],
    ['no totals', { totals: [] }, '2:0 2:1 2:2 2:3 2:4 2:5'],
    ['the grand total alone', { totals: [0] }, '2:0 2:1 2:2 2:3 2:4 2:5 0:0'],
    ['subtotals alone', { totals: [1] }, '2:0 2:1 1:0 2:2 1:1 2:3 2:4 2:5 1:2'],
    ['a page touches no total', { from: 1, to: 2 }, '2:1 1:0 1:1 1:2 0:0'],
    ['a page past the end leaves the totals', { from: 6, to: 6 }, '1:0 1:1 1:2 0:0'],
    [
      'no details at all',
      { detailCount: 0, groupOf: new Map([[1, new Int32Array(0)]]), from: 0, to: 0 },
      '0:0',
    ],
    [
      'an axis without dimensions is one header',
      { depth: 0, detailCount: 1, groupOf: new Map(), totals: [], from: 0, to: 1 },
      '0:0',
    ],
  ])('%s', (_, more, expected) => {
    const axis = shape(more);
    expect(headers(axis)).toBe(expected);
    expect(layoutAxis(axis).level.length).toBe(axis.to - axis.from + totalCount(axis));
  });

  test('positions lead back from details and groups to headers', () => {
    const { positions } = layoutAxis(shape({ from: 1, to: 3 }));
    expect([...positions.get(2)!]).toEqual([-1, 0, 2, -1, -1, -1]);
    expect([...positions.get(1)!]).toEqual([1, 3, 4]);
    expect([...positions.get(0)!]).toEqual([5]);
  });

  test('three levels close from the inside out', () => {
    const axis: AxisShape = {
      depth: 3,
      detailCount: 3,
      groupOf: new Map([
        [1, Int32Array.of(0, 0, 1)],
        [2, Int32Array.of(0, 1, 2)],
      ]),
      totals: [0, 1, 2],
      position: 'last',
      from: 0,
      to: 3,
    };
    expect(headers(axis)).toBe('3:0 2:0 3:1 2:1 1:0 3:2 2:2 1:1 0:0');
  });
});
