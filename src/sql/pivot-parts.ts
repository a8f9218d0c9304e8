import type { Column, SourceColumn } from '../domain/column.ts';
import type { CompiledMeasure } from './aggregate.ts';
import { join, raw, type Sql, type Statement, sql } from './ast.ts';
import { type Axis, memberColumn } from './pivot-axis.ts';
import type { Scope } from './scope.ts';

/** Which details a statement is asked for; filled in when their number is known. */
export type WindowParam = 'rowFrom' | 'rowTo' | 'columnFrom' | 'columnTo';

/** Cells of one pair of levels: columns `r`, `c` (header numbers), then the measures of `measures`. */
export interface CellStatement {
  rowLevel: number;
  columnLevel: number;
  text: string;
  params: WindowParam[];
  /** Indexes of the measures that it yields. */
  measures: number[];
}

export interface AxisProgram {
  dimensions: Column[];
  totals: number[];
  /** Levels 1 … depth - 1 with subtotals. */
  inner: number[];
  offset: number;
  limit: number | undefined;
  /** The group of each detail at each inner level, in the details' order; undefined where there is none. */
  groups: string | undefined;
  /** Number of details; an axis without dimensions has one. */
  count: string | undefined;
  /** Members of the details from $1 up to but not including $2. */
  details: string;
  /** By inner level: members of its groups in order. */
  groupMembers: [level: number, text: string][];
}

/** Rows of another database that become a table: `names[i]` is the table's name of column i. */
export interface Fetch {
  statement: Statement;
  table: string;
  columns: SourceColumn[];
  names: string[];
  /** Values that DuckDB may have no room for go in as text. */
  inTexts: boolean;
}

/**
 * A pivot as statements for one connection. The rows are read once, into the finest grain; totals of decomposable measures are
 * combined from it, the others are asked of the rows at each level. Details are numbered in display order by the engine, so that
 * what remains is to scatter numbers.
 */
export interface PivotProgram {
  /** What is fetched from a database into tables of the pivot's own before `setup`; nothing for a dataset. */
  fetches: Fetch[];
  setup: Statement[];
  rows: AxisProgram;
  columns: AxisProgram;
  cells: CellStatement[];
  measures: Column[];
  position: 'first' | 'last';
  /** Indexes of measures whose missing cells are 0. */
  zeroFilled: number[];
}

export interface Pivot {
  rows: Axis;
  columns: Axis;
  measures: readonly CompiledMeasure[];
  /** The rows, where the pivot's own connection can read them; undefined where a database holds them. */
  rowsAt: { source: Sql; where: Sql } | undefined;
  /** Of the pivot's own connection. */
  scope: Scope;
  inTexts: boolean;
  zeroFilled: readonly number[];
}

export const partialColumn = (m: number, suffix: string) => raw(`m${m}_${suffix}`);
export const directColumn = (m: number) => raw(`m${m}_direct`);
export const inputColumn = (m: number) => raw(`x${m}`);

export const list = (columns: readonly Sql[]) => join(columns, ', ');
export const as = (value: Sql, name: Sql) => sql`${value} AS ${name}`;
export const membersOf = (axis: Axis) => axis.dimensions.map((_, k) => memberColumn(axis, k));
export const namedMembers = (axis: Axis) =>
  axis.dimensions.map((dimension, k) => as(dimension.sql, memberColumn(axis, k)));
export const depthOf = (axis: Axis) => axis.dimensions.length;

/** The values of measures that must be asked for at each level, as a database gave them for one pair of levels. */
export const levelTable = (rowLevel: number, columnLevel: number) => `level_${rowLevel}_${columnLevel}`;

/** A decomposable measure over groups of the finest grain. */
export function combined(measure: CompiledMeasure, m: number): Sql {
  return measure.final(
    measure.partials.map(({ suffix, combine }) => sql`${raw(combine)}(${partialColumn(m, suffix)})`),
  );
}
