import type { Filter } from '../../../src/domain/filter.ts';
import type { Dimension } from '../../../src/domain/query-spec.ts';
import { fits, type Names } from './filter.ts';
import { type DayOfWeek, grained } from './grains.ts';
import type { Json, Shown } from './shown.ts';
import {
  compareNullable,
  keyOf,
  type OracleColumn,
  type OracleTable,
  type Row,
  type Value,
} from './values.ts';

export interface Settings {
  zone: string;
  weekStart: DayOfWeek;
  nowMs: number;
}

interface Common {
  where?: Filter;
  timezone?: string;
  weekStart?: DayOfWeek;
  numbers?: 'exact' | 'float';
}

export interface Question {
  names: Names;
  rows: readonly Row[];
  shown: Shown;
}

/** The rows that a request is about, and what its names and times mean. */
export function question(table: OracleTable, spec: Common, settings: Settings): Question {
  const names: Names = {
    columns: new Map(table.columns.map((column) => [column.name, column])),
    zone: spec.timezone ?? settings.zone,
    weekStart: spec.weekStart ?? settings.weekStart,
    nowMs: settings.nowMs,
  };
  return {
    names,
    rows: table.rows.filter((row) => fits(spec.where, row, names)),
    shown: { zone: names.zone, numbers: spec.numbers ?? 'exact' },
  };
}

export interface OracleDimension {
  column: OracleColumn;
  of(row: Row): Value;
}

export function dimensionOf(dimension: Dimension, names: Names): OracleDimension {
  const { field, grain, as } = typeof dimension === 'string' ? { field: dimension } : { ...dimension };
  const column = names.columns.get(field!);
  if (!column) throw new Error(`there is no ${field}`);
  const name = as ?? field!;
  if (grain === undefined) return { column: { ...column, name }, of: (row) => row[field!]! };
  const { type, group } = grained(column, grain, names.zone, names.weekStart);
  return { column: { name, type }, of: (row) => group(row[field!]!) };
}

export interface Group {
  key: string;
  path: readonly Value[];
  rows: Row[];
}

/** Rows by their members, in the order in which they come. */
export function groupsOf(rows: readonly Row[], dimensions: readonly OracleDimension[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const path = dimensions.map((dimension) => dimension.of(row));
    const key = JSON.stringify(path.map(keyOf));
    const group = groups.get(key) ?? { key, path, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function comparePaths(a: readonly Value[], b: readonly Value[]): number {
  for (const [i, member] of a.entries()) {
    const found = compareNullable(member, b[i]!);
    if (found !== 0) return found;
  }
  return 0;
}

export interface ShownColumn {
  name: string;
  type: string;
  label: string;
}

export const shownColumn = ({ name, type }: OracleColumn): ShownColumn => ({ name, type, label: name });
export type Cells = Json[][];
