import type { AxisSort, AxisTotals, PivotSpec } from '../../../src/domain/pivot-spec.ts';
import type { OracleMeasure } from './aggregate.ts';
import { place } from './filter.ts';
import { type Json, type Shown, shown } from './shown.ts';
import { comparePaths, groupsOf, type OracleDimension, type Question } from './source.ts';
import { compareNullable, keyOf, type Row, type Value } from './values.ts';

/** A header: a path of members, shorter for a subtotal, with the rows behind it. */
export interface Header {
  path: readonly Value[];
  rows: readonly Row[];
}

export interface OracleAxis {
  dimensions: readonly OracleDimension[];
  /** All details in display order. */
  details: readonly Header[];
}

const NUMERIC = ['integer', 'decimal', 'float'];
const QUARTERS: Readonly<Record<string, string>> = { '1': '01', '2': '04', '3': '07', '4': '10' };

/** A date's period may be given short: 2025, 2025-Q4, 2025-10. */
function memberOf(given: Json, type: string): Json {
  const text = String(given);
  if (given === null || type !== 'date') return given;
  const quarter = /^(\d{4})-Q([1-4])$/.exec(text);
  if (quarter) return `${quarter[1]}-${QUARTERS[quarter[2]!]}-01`;
  return text + ({ 4: '-01-01', 7: '-01' }[text.length] ?? '');
}

function underPath(
  row: Row,
  path: readonly Json[],
  dimensions: readonly OracleDimension[],
  format: Shown,
): boolean {
  return path.every((given, k) => {
    const { column, of } = dimensions[k]!;
    const member = of(row);
    const wanted = memberOf(given, column.type);
    if (member === null || wanted === null) return member === wanted;
    if (NUMERIC.includes(column.type)) return place(member, wanted, column, format.zone) === 0;
    return shown(member, column, format) === wanted;
  });
}

interface LevelSort {
  sort: AxisSort;
  valueOf(rows: readonly Row[]): Value;
}

function levelSort(
  sort: AxisSort,
  other: readonly OracleDimension[],
  measures: readonly OracleMeasure[],
  spec: PivotSpec,
  asked: Question,
): LevelSort | undefined {
  if (sort.by === sort.level) return undefined;
  const measure = measures.find(({ column }) => column.name === sort.by)!;
  const isZero = spec.fill === 'zero' && measure.agg.startsWith('count');
  return {
    sort,
    valueOf: (rows) => {
      const there = rows.filter((row) => underPath(row, sort.column ?? [], other, asked.shown));
      return there.length > 0 ? measure.of(there) : isZero ? 0n : null;
    },
  };
}

/** Details in display order: level by level by the sort of the level, then by the member itself. */
export function axisOf(
  name: 'rows' | 'columns',
  dimensions: readonly OracleDimension[],
  other: readonly OracleDimension[],
  measures: readonly OracleMeasure[],
  spec: PivotSpec,
  asked: Question,
): OracleAxis {
  if (dimensions.length === 0) return { dimensions, details: [{ path: [], rows: asked.rows }] };
  const sorts = (spec.sort ?? []).filter(({ axis }) => axis === name);
  const order = (rows: readonly Row[], level: number): Header[] => {
    if (level === dimensions.length) return [{ path: [], rows }];
    const { column } = dimensions[level]!;
    const sort = sorts.find((one) => one.level === column.name);
    const measured = sort && levelSort(sort, other, measures, spec, asked);
    const groups = groupsOf(rows, [dimensions[level]!]);
    const values = new Map(groups.map((group) => [group, measured?.valueOf(group.rows) ?? null]));
    groups.sort((a, b) => {
      if (!sort || measured === undefined)
        return compareNullable(a.path[0]!, b.path[0]!, sort?.dir, sort?.nulls);
      const byMeasure = compareNullable(values.get(a)!, values.get(b)!, sort.dir, sort.nulls);
      return byMeasure !== 0 ? byMeasure : comparePaths(a.path, b.path);
    });
    return groups.flatMap((group) =>
      order(group.rows, level + 1).map((detail) => ({
        path: [group.path[0]!, ...detail.path],
        rows: detail.rows,
      })),
    );
  };
  return { dimensions, details: order(asked.rows, 0) };
}

/** Levels above the details that have totals. */
export function totalsOf(totals: AxisTotals | undefined, dimensions: readonly OracleDimension[]): number[] {
  const depth = dimensions.length;
  if (totals === undefined || totals === 'none' || depth === 0) return [];
  if (totals === 'grand') return [0];
  if (totals === 'all') return dimensions.map((_, level) => level);
  const levels = totals.map((name) => dimensions.findIndex(({ column }) => column.name === name) + 1);
  return [...new Set(levels)].filter((level) => level < depth).sort((a, b) => a - b);
}

const samePath = (a: readonly Value[], b: readonly Value[]) =>
  a.length === b.length && a.every((member, i) => keyOf(member) === keyOf(b[i]!));

/** Details of the page with every total in its place. */
export function headersOf(
  axis: OracleAxis,
  totals: readonly number[],
  position: 'first' | 'last',
  window: { from: number; to: number },
  rows: readonly Row[],
): Header[] {
  const { dimensions, details } = axis;
  if (dimensions.length === 0) return [...details];
  const headers: Header[] = [];
  const walk = (from: number, to: number, level: number) => {
    const hasTotal = totals.includes(level);
    const path = details[from]?.path.slice(0, level) ?? [];
    const total = {
      path,
      rows: level === 0 ? rows : details.slice(from, to).flatMap((detail) => detail.rows),
    };
    if (hasTotal && position === 'first') headers.push(total);
    for (let start = from; start < to; ) {
      let end = start + 1;
      const key = details[start]!.path.slice(0, level + 1);
      while (end < to && samePath(details[end]!.path.slice(0, level + 1), key)) end++;
      if (level + 1 < dimensions.length) walk(start, end, level + 1);
      else if (start >= window.from && start < window.to) headers.push(details[start]!);
      start = end;
    }
    if (hasTotal && position === 'last') headers.push(total);
  };
  walk(0, details.length, 0);
  return headers;
}
