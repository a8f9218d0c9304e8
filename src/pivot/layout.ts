/** What the layout of an axis needs to know. Details come in display order: detail i stands before detail i + 1. */
export interface AxisShape {
  /** Number of dimensions; 0 leaves the grand total alone. */
  depth: number;
  detailCount: number;
  /** For each level 1 … depth - 1 that has subtotals: the group of each detail, counted from 0 in display order. */
  groupOf: ReadonlyMap<number, Int32Array>;
  /** Levels whose subtotals are shown; 0 is the grand total. `depth` itself is not a total. */
  totals: readonly number[];
  position: 'first' | 'last';
  /** The details shown: [from, to). */
  from: number;
  to: number;
}

/** The headers of an axis in display order. */
export interface AxisLayout {
  /** How many dimensions each header's path has. */
  level: Int32Array;
  /** The detail's or group's number at its level. */
  index: Int32Array;
  /** For each level that is shown: header position by detail or group number; -1 where it is not shown. */
  positions: ReadonlyMap<number, Int32Array>;
}

/** Number of groups at a level, from the group numbers of the details. */
export function groupCount(groupOf: Int32Array): number {
  return groupOf.length === 0 ? 0 : groupOf[groupOf.length - 1]! + 1;
}

/** How many headers an axis has beside its details: all its subtotals and its grand total. */
export function totalCount(shape: Pick<AxisShape, 'depth' | 'detailCount' | 'groupOf' | 'totals'>): number {
  if (shape.depth === 0) return 0;
  return shape.totals.reduce(
    (sum, level) => sum + (level === 0 ? 1 : groupCount(shape.groupOf.get(level)!)),
    0,
  );
}

/**
 * Puts details and subtotals in order. Every subtotal and the grand total is there whichever details are shown: a page never
 * touches a total.
 */
export function layoutAxis(shape: AxisShape): AxisLayout {
  const { depth, detailCount, groupOf, from, to, position } = shape;
  const inner = shape.totals.filter((level) => level > 0 && level < depth).sort((a, b) => a - b);
  const hasGrand = depth > 0 && shape.totals.includes(0);
  const size = to - from + totalCount(shape);
  const level = new Int32Array(size);
  const index = new Int32Array(size);
  const positions = new Map<number, Int32Array>([
    [depth, new Int32Array(depth === 0 ? 1 : detailCount).fill(-1)],
  ]);
  for (const at of inner) positions.set(at, new Int32Array(groupCount(groupOf.get(at)!)).fill(-1));
  if (hasGrand) positions.set(0, new Int32Array(1).fill(-1));

  let next = 0;
  const put = (ofLevel: number, number: number) => {
    level[next] = ofLevel;
    index[next] = number;
    positions.get(ofLevel)![number] = next++;
  };
  if (hasGrand && position === 'first') put(0, 0);
  if (inner.length === 0) {
    for (let detail = from; detail < to; detail++) put(depth, detail);
  } else {
    for (let detail = 0; detail < detailCount; detail++) {
      if (position === 'first') {
        for (const at of inner) {
          const groups = groupOf.get(at)!;
          if (detail === 0 || groups[detail] !== groups[detail - 1]) put(at, groups[detail]!);
        }
      }
      if (detail >= from && detail < to) put(depth, detail);
      if (position === 'last') {
        for (let i = inner.length - 1; i >= 0; i--) {
          const groups = groupOf.get(inner[i]!)!;
          if (detail === detailCount - 1 || groups[detail] !== groups[detail + 1])
            put(inner[i]!, groups[detail]!);
        }
      }
    }
  }
  if (hasGrand && position === 'last') put(0, 0);
  return { level, index, positions };
}
