import { AppError } from '../base/errors.ts';
import { isNumeric } from '../domain/column.ts';
import type { Scalar } from '../domain/filter.ts';
import { orderKeyOf } from '../domain/order-key.ts';
import type { AxisSort, AxisTotals } from '../domain/pivot-spec.ts';
import { join, param, raw, type Sql, sql } from './ast.ts';
import { keyBefore } from './dialects/duckdb-staged.ts';
import type { CompiledDimension } from './dimension.ts';
import { shownOf } from './native.ts';
import { operandOf } from './operand.ts';
import { type Scope, unknownField } from './scope.ts';

/** Column names in the pivot's temporary tables: ours, so that no name of a caller's can clash. */
export interface AxisNames {
  /** `r` or `c`: dimension k is `r0`, `r1`, …; the detail's id `r`, its group at level k `rg1`, `rg2`, …. */
  letter: 'r' | 'c';
  leafTable: 'row_leaf' | 'column_leaf';
}

export interface Axis extends AxisNames {
  dimensions: readonly CompiledDimension[];
  /** Levels with totals: 0 is the grand total. */
  totals: readonly number[];
  /** Its members may be texts behind a key. */
  inTexts: boolean;
}

export const memberColumn = ({ letter }: AxisNames, k: number): Sql => raw(`${letter}${k}`);
export const groupColumn = ({ letter }: AxisNames, level: number): Sql => raw(`${letter}g${level}`);
/** 1 on the first detail of each group of a level. */
export const startColumn = (level: number): Sql => raw(`start${level}`);

/** The levels 1 … depth - 1 that have subtotals. */
export const innerLevels = ({ totals, dimensions }: Axis) =>
  totals.filter((level) => level > 0 && level < dimensions.length);

/** The grand total in a list of levels, unless a dimension has that name. */
const GRAND = 'grand';

export function totalLevels(
  totals: AxisTotals | undefined,
  dimensions: readonly CompiledDimension[],
  pointer: string,
): number[] {
  if (totals === undefined || totals === 'none' || dimensions.length === 0) return [];
  if (totals === 'grand') return [0];
  if (totals === 'all') return dimensions.map((_, level) => level);
  const levels = totals.map((name, i) => {
    const k = dimensions.findIndex((dimension) => dimension.name === name);
    if (k < 0 && name === GRAND) return 0;
    if (k < 0)
      throw unknownField(
        name,
        dimensions.map((dimension) => dimension.name),
        `${pointer}/${i}`,
      );
    return k + 1;
  });
  return [...new Set(levels)].filter((level) => level < dimensions.length).sort((a, b) => a - b);
}

const QUARTER_MEMBER = /^(\d{4,})-Q([1-4])$/;

/** A member as it stands in an answer; a date's period may be given short: `2025`, `2025-Q4`, `2025-10`. */
function memberText(member: Exclude<Scalar, null>, { type }: CompiledDimension): string {
  const text = String(member);
  if (type !== 'date') return text;
  const quarter = QUARTER_MEMBER.exec(text);
  if (quarter) return `${quarter[1]}-${String(Number(quarter[2]) * 3 - 2).padStart(2, '0')}-01`;
  if (/^\d{4}$/.test(text)) return `${text}-01-01`;
  return /^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text;
}

/** Rows whose members on `axis` begin with `path`. A number is compared as one: 1.5 is the member `1.50`. */
export function underPath(axis: Axis, path: readonly Scalar[], scope: Scope): Sql {
  const { dialect, timezone } = scope;
  const tests = path.map((member, k) => {
    const dimension = axis.dimensions[k]!;
    const column = memberColumn(axis, k);
    if (member === null) return sql`${column} IS NULL`;
    if (axis.inTexts && dimension.type === 'decimal')
      return sql`${keyBefore(column)} = ${param(orderKeyOf('decimal')!(String(member)))}`;
    const number = isNumeric(dimension.type) ? operandOf(member, dimension.type, scope) : undefined;
    if (number) return sql`${column} = ${number.start}`;
    return sql`${dialect.asText(shownOf(column, dimension, dialect, timezone))} = ${param(memberText(member, dimension))}`;
  });
  return tests.length === 0 ? dialect.always : join(tests, ' AND ');
}

/** Which rows of another table hold the members of a leaf, nulls too. */
export function sameMembers(axis: AxisNames, depth: number, left: string, right: string): Sql {
  const tests = Array.from({ length: depth }, (_, k) =>
    raw(`${left}.${axis.letter}${k} IS NOT DISTINCT FROM ${right}.${axis.letter}${k}`),
  );
  return join(tests, ' AND ');
}

export interface LevelSort {
  level: number;
  descending: boolean;
  nulls: 'first' | 'last';
  /** Index of the measure; undefined sorts by the members. */
  measure: number | undefined;
  /** The header on the other axis. */
  path: readonly Scalar[];
}

/** The sorts of one axis by level (0 = its first dimension). */
export function levelSorts(
  sorts: readonly AxisSort[],
  name: 'rows' | 'columns',
  axis: Axis,
  other: Axis,
  measures: readonly string[],
): LevelSort[] {
  const found: LevelSort[] = [];
  for (const [i, sort] of sorts.entries()) {
    if (sort.axis !== name) continue;
    const level = axis.dimensions.findIndex((dimension) => dimension.name === sort.level);
    if (level < 0)
      throw unknownField(
        sort.level,
        axis.dimensions.map((dimension) => dimension.name),
        `/sort/${i}/level`,
      );
    if (found.some((earlier) => earlier.level === level)) {
      throw new AppError('query.ambiguous', `The level ${JSON.stringify(sort.level)} is sorted twice`, {
        pointer: `/sort/${i}/level`,
      });
    }
    const measure = sort.by === sort.level ? undefined : measures.indexOf(sort.by);
    if (measure === -1) throw unknownField(sort.by, [...measures, sort.level], `/sort/${i}/by`);
    const path = sort.column ?? [];
    if (path.length > other.dimensions.length) {
      throw new AppError(
        'request.invalid',
        `The path has ${path.length} members; the other axis has ${other.dimensions.length} levels`,
        { pointer: `/sort/${i}/column` },
      );
    }
    found.push({ level, descending: sort.dir === 'desc', nulls: sort.nulls ?? 'last', measure, path });
  }
  return found;
}
