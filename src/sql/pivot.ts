import { AppError } from '../base/errors.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Dimension } from '../domain/query-spec.ts';
import { type CompiledMeasure, compileMeasure } from './aggregate.ts';
import { raw, render, type Sql, sql } from './ast.ts';
import { STAGED, STAGED_IN_TEXTS } from './dialects/duckdb-staged.ts';
import { compileDimension } from './dimension.ts';
import { compileWhere } from './filter.ts';
import { shownOf } from './native.ts';
import { checkOutputNames } from './output-names.ts';
import {
  type Axis,
  groupColumn,
  innerLevels,
  type LevelSort,
  levelSorts,
  memberColumn,
  startColumn,
  totalLevels,
} from './pivot-axis.ts';
import { cellStatements } from './pivot-cells.ts';
import { compileFetches, DROP_NO_GROUP, fetchedPairs, type RemoteRows } from './pivot-fetch.ts';
import {
  type AxisProgram,
  depthOf,
  directColumn,
  inputColumn,
  list,
  type Pivot,
  type PivotProgram,
  partialColumn,
} from './pivot-parts.ts';
import { codedTable, fineTable, leafTable, rowsWithInputs, sortLevels } from './pivot-tables.ts';
import type { Scope } from './scope.ts';

export type { AxisProgram, CellStatement, Fetch, PivotProgram, WindowParam } from './pivot-parts.ts';

function axisProgram(
  axis: Axis,
  page: { offset?: number; limit?: number } | undefined,
  scope: Scope,
): AxisProgram {
  const { leafTable: leaf, dimensions, totals } = axis;
  // An axis without dimensions is its grand total alone, which no page touches.
  const { offset = 0, limit } = dimensions.length === 0 ? {} : (page ?? {});
  const inner = innerLevels(axis);
  const text = (statement: Sql) => render(statement, scope.dialect).text;
  const shown = (count: number) =>
    list(
      dimensions
        .slice(0, count)
        .map((dimension, k) => shownOf(memberColumn(axis, k), dimension, scope.dialect, scope.timezone)),
    );
  return {
    dimensions: dimensions.map(({ name, type }) => ({ name, type })),
    totals: [...totals],
    inner,
    offset,
    limit,
    groups:
      inner.length > 0
        ? text(
            sql`SELECT ${list(inner.map((level) => groupColumn(axis, level)))} FROM ${raw(leaf)} ORDER BY id`,
          )
        : undefined,
    count: depthOf(axis) === 0 ? undefined : `SELECT CAST(count(*) AS INTEGER) FROM ${leaf}`,
    details: text(
      sql`SELECT ${shown(dimensions.length)} FROM ${raw(leaf)} WHERE id >= $1 AND id < $2 ORDER BY id`,
    ),
    groupMembers: inner.map((level) => [
      level,
      text(sql`SELECT ${shown(level)} FROM ${raw(leaf)} WHERE ${startColumn(level)} = 1 ORDER BY id`),
    ]),
  };
}

const countsOf = (measures: readonly CompiledMeasure[]) =>
  measures.flatMap(({ agg }, m) => (agg === 'count' || agg === 'countDistinct' ? [m] : []));

function checkNames(pivot: Pick<Pivot, 'rows' | 'columns' | 'measures'>): void {
  const named = (items: readonly { name: string }[], axis: string) =>
    items.map(({ name }, index) => ({ name, pointer: `/${axis}/${index}` }));
  const { rows, columns, measures } = pivot;
  checkOutputNames([
    ...named(rows.dimensions, 'rows'),
    ...named(columns.dimensions, 'columns'),
    ...named(measures, 'measures'),
  ]);
  if (rows.dimensions.length + columns.dimensions.length > MAX_DIMENSIONS)
    throw new AppError('request.invalid', `A pivot has at most ${MAX_DIMENSIONS} dimensions`, {
      pointer: '/rows',
    });
}

const MAX_DIMENSIONS = 16;

interface Sorts {
  rows: LevelSort[];
  columns: LevelSort[];
}

function pivotOf(
  spec: PivotSpec,
  scope: Scope,
  rowsAt: Pivot['rowsAt'],
  inTexts = false,
): { pivot: Pivot; sorts: Sorts } {
  const dimensions = (items: readonly Dimension[] | undefined, name: string) =>
    (items ?? []).map((dimension, i) => compileDimension(dimension, scope, `/${name}/${i}`));
  const axis = (name: 'rows' | 'columns'): Axis => {
    const compiled = dimensions(spec[name], name);
    const names =
      name === 'rows'
        ? ({ letter: 'r', leafTable: 'row_leaf' } as const)
        : ({ letter: 'c', leafTable: 'column_leaf' } as const);
    return {
      ...names,
      dimensions: compiled,
      totals: totalLevels(spec.totals?.[name], compiled, `/totals/${name}`),
      inTexts,
    };
  };
  const rows = axis('rows');
  const columns = axis('columns');
  const compiled = spec.measures.map((measure, i) => compileMeasure(measure, scope, `/measures/${i}`));
  // What came as text is not combined.
  const measures = inTexts ? compiled.map((each) => ({ ...each, decomposable: false })) : compiled;
  const zeroFilled = spec.fill === 'zero' ? countsOf(measures) : [];
  const pivot: Pivot = { rows, columns, measures, rowsAt, scope, inTexts, zeroFilled };
  checkNames(pivot);
  const names = measures.map(({ name }) => name);
  const asked = spec.sort ?? [];
  return {
    pivot,
    sorts: {
      rows: levelSorts(asked, 'rows', rows, columns, names),
      columns: levelSorts(asked, 'columns', columns, rows, names),
    },
  };
}

function programOf(spec: PivotSpec, pivot: Pivot, sorts: Sorts): PivotProgram {
  const { rows, columns, measures, rowsAt, scope, zeroFilled } = pivot;
  const setup: Sql[] = [];
  if (rowsAt) setup.push(fineTable(pivot, rowsAt));
  else if (depthOf(rows) + depthOf(columns) === 0) setup.push(raw(DROP_NO_GROUP));
  if (depthOf(rows) > 0) setup.push(leafTable(pivot, rows, columns, sorts.rows));
  if (depthOf(columns) > 0) setup.push(leafTable(pivot, columns, rows, sorts.columns));
  const values = measures.flatMap((measure, m) =>
    measure.decomposable ? measure.partials.map(({ suffix }) => partialColumn(m, suffix)) : [directColumn(m)],
  );
  setup.push(codedTable(pivot, 'coded', raw('fine'), values));
  const others = measures.flatMap(({ decomposable }, m) => (decomposable ? [] : [m]));
  const hasTotals = rows.totals.length + columns.totals.length > 0;
  if (rowsAt && hasTotals && others.length > 0)
    setup.push(codedTable(pivot, 'base', rowsWithInputs(pivot, rowsAt, others), others.map(inputColumn)));
  return {
    fetches: [],
    setup: setup.map((statement) => render(statement, scope.dialect)),
    rows: axisProgram(rows, spec.page?.rows, scope),
    columns: axisProgram(columns, spec.page?.columns, scope),
    cells: cellStatements(pivot),
    measures: measures.map(({ name, type }) => ({ name, type })),
    position: spec.totals?.position ?? 'last',
    zeroFilled: [...zeroFilled],
  };
}

/** Compiles a checked pivot over rows that its own connection reads. Throws `query.*` and `request.invalid` errors that point into the spec. */
export function compilePivot(spec: PivotSpec, source: Sql, scope: Scope): PivotProgram {
  const where = compileWhere(spec.where, scope) ?? scope.dialect.always;
  const { pivot, sorts } = pivotOf(spec, scope, { source, where });
  return programOf(spec, pivot, sorts);
}

/**
 * Compiles a checked pivot over rows of a database: `scope` and `remote` are the database's, `local` says what the connection that lays the
 * pivot out knows. Only groups travel. With `inTexts` every level is asked of the database, and values that DuckDB may have no room for
 * travel as text.
 */
export function compileRemotePivot(
  spec: PivotSpec,
  remote: RemoteRows,
  scope: Scope,
  local: Omit<Scope, 'dialect'>,
  inTexts = false,
): PivotProgram {
  const dialect = inTexts ? STAGED_IN_TEXTS : STAGED;
  const { pivot, sorts } = pivotOf(spec, { ...local, dialect }, undefined, inTexts);
  const direct = ({ measure }: LevelSort) => measure !== undefined && !pivot.measures[measure]!.decomposable;
  const sorted = [
    ...sorts.rows.filter(direct).map((sort) => sortLevels(pivot.rows, sort)),
    ...sorts.columns.filter(direct).map((sort) => sortLevels(pivot.columns, sort)),
  ];
  return {
    ...programOf(spec, pivot, sorts),
    fetches: compileFetches(spec, pivot, remote, scope, fetchedPairs(pivot, sorted)),
  };
}
