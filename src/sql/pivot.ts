import { AppError } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import type { PivotSpec } from '../domain/pivot-spec.ts';
import type { Dimension, Measure } from '../domain/query-spec.ts';
import { type CompiledMeasure, compileMeasure } from './aggregate.ts';
import { join, raw, render, type Sql, type Statement, sql } from './ast.ts';
import { compileDimension } from './dimension.ts';
import { compileFilter } from './filter.ts';
import { checkOutputNames } from './output-names.ts';
import {
  type Axis,
  groupColumn,
  innerLevels,
  type LevelSort,
  levelSorts,
  memberColumn,
  sameMembers,
  startColumn,
  totalLevels,
  underPath,
} from './pivot-axis.ts';
import type { Scope } from './scope.ts';

/** Which details a statement is asked for; filled in when their number is known. */
export type WindowParam = 'rowFrom' | 'rowTo' | 'columnFrom' | 'columnTo';

/** Cells of one pair of levels: columns `r`, `c` (header numbers), then the measures of `measures`. */
export interface CellStatement {
  rowLevel: number;
  columnLevel: number;
  /** `coded` holds the finest grain, `base` the rows. */
  from: 'coded' | 'base';
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

/**
 * A pivot as statements for one connection. The rows are read once, into the finest grain; totals of decomposable measures are
 * combined from it, the others are asked of the rows at each level. Details are numbered in display order by the engine, so that
 * what remains is to scatter numbers.
 */
export interface PivotProgram {
  setup: Statement[];
  rows: AxisProgram;
  columns: AxisProgram;
  cells: CellStatement[];
  measures: Column[];
  position: 'first' | 'last';
  /** Indexes of measures whose missing cells are 0. */
  zeroFilled: number[];
}

interface Pivot {
  rows: Axis;
  columns: Axis;
  measures: readonly CompiledMeasure[];
  source: Sql;
  where: Sql;
  scope: Scope;
  zeroFilled: readonly number[];
}

const partialColumn = (m: number, suffix: string) => raw(`m${m}_${suffix}`);
const directColumn = (m: number) => raw(`m${m}_direct`);
const inputColumn = (m: number) => raw(`x${m}`);

const list = (columns: readonly Sql[]) => join(columns, ', ');
const as = (value: Sql, name: Sql) => sql`${value} AS ${name}`;
const membersOf = (axis: Axis) => axis.dimensions.map((_, k) => memberColumn(axis, k));
const namedMembers = (axis: Axis) =>
  axis.dimensions.map((dimension, k) => as(dimension.sql, memberColumn(axis, k)));
const depthOf = (axis: Axis) => axis.dimensions.length;

/** The finest grain: one row for each combination of members that occurs. */
function fineTable({ rows, columns, measures, source, where }: Pivot): Sql {
  const aggregates = measures.flatMap((measure, m) =>
    measure.decomposable
      ? measure.partials.map((partial) => as(partial.sql, partialColumn(m, partial.suffix)))
      : [as(measure.direct(measure.input ?? raw('1')), directColumn(m))],
  );
  const keys = depthOf(rows) + depthOf(columns);
  const grouping =
    keys === 0
      ? raw('HAVING count(*) > 0')
      : sql`GROUP BY ${raw(Array.from({ length: keys }, (_, k) => String(k + 1)).join(', '))}`;
  return sql`CREATE TEMP TABLE fine AS SELECT ${list([...namedMembers(rows), ...namedMembers(columns), ...aggregates])} FROM ${source} WHERE ${where} ${grouping}`;
}

/** The rows themselves with their members and the inputs of the measures that must be asked for at each level. */
function rowsWithInputs({ rows, columns, measures, source, where }: Pivot, wanted: readonly number[]): Sql {
  const inputs = wanted.map((m) => as(measures[m]!.input ?? raw('1'), inputColumn(m)));
  return sql`(SELECT ${list([...namedMembers(rows), ...namedMembers(columns), ...inputs])} FROM ${source} WHERE ${where})`;
}

function combined(measure: CompiledMeasure, m: number): Sql {
  return measure.final(
    measure.partials.map(({ suffix, combine }) => sql`${raw(combine)}(${partialColumn(m, suffix)})`),
  );
}

/** What a level is sorted by: a measure's value for each of its members, at one header of the other axis. */
function sortValues(pivot: Pivot, axis: Axis, other: Axis, sort: LevelSort): Sql {
  const m = sort.measure!;
  const measure = pivot.measures[m]!;
  const keys = list(membersOf(axis).slice(0, sort.level + 1));
  const path = underPath(other, sort.path, pivot.scope);
  const [from, value] = measure.decomposable
    ? [raw('fine'), combined(measure, m)]
    : [rowsWithInputs(pivot, [m]), measure.direct(inputColumn(m))];
  return sql`(SELECT ${keys}, ${value} AS v FROM ${from} WHERE ${path} GROUP BY ${keys})`;
}

/** The details of an axis, numbered in display order, with the number of their group at each level that has subtotals. */
function leafTable(pivot: Pivot, axis: Axis, other: Axis, sorts: readonly LevelSort[]): Sql {
  const { scope, zeroFilled } = pivot;
  const { dialect } = scope;
  const members = membersOf(axis);
  const joins: Sql[] = [];
  const order: Sql[] = [];
  for (const [k, member] of members.entries()) {
    const sort = sorts.find(({ level }) => level === k);
    const direction = sort?.descending ? 'desc' : 'asc';
    const bySelf = sort !== undefined && sort.measure === undefined;
    if (sort?.measure !== undefined) {
      const alias = `s${k}`;
      joins.push(
        sql` LEFT JOIN ${sortValues(pivot, axis, other, sort)} AS ${raw(alias)} ON ${sameMembers(axis, k + 1, alias, 'leaf')}`,
      );
      const value = zeroFilled.includes(sort.measure) ? `coalesce(${alias}.v, 0)` : `${alias}.v`;
      order.push(dialect.orderTerm(raw(value), direction, sort.nulls));
    }
    order.push(
      dialect.orderTerm(sql`leaf.${member}`, bySelf ? direction : 'asc', bySelf ? sort.nulls : 'last'),
    );
  }
  const ordered = sql`SELECT leaf.*, CAST(row_number() OVER (ORDER BY ${list(order)}) - 1 AS INTEGER) AS id FROM (SELECT DISTINCT ${list(members)} FROM fine) AS leaf${join(joins, '')}`;
  const inner = innerLevels(axis);
  if (inner.length === 0) return sql`CREATE TEMP TABLE ${raw(axis.leafTable)} AS ${ordered}`;
  const changes = inner.map((level) => {
    const differs = members
      .slice(0, level)
      .map((member) => sql`${member} IS DISTINCT FROM lag(${member}) OVER (ORDER BY id)`);
    return as(sql`CAST(id = 0 OR ${join(differs, ' OR ')} AS INTEGER)`, startColumn(level));
  });
  const groups = inner.map((level) =>
    as(sql`CAST(sum(${startColumn(level)}) OVER (ORDER BY id) - 1 AS INTEGER)`, groupColumn(axis, level)),
  );
  return sql`CREATE TEMP TABLE ${raw(axis.leafTable)} AS SELECT *, ${list(groups)} FROM (SELECT *, ${list(changes)} FROM (${ordered}))`;
}

/** Header numbers in place of members: ids of the details and of the groups. */
function codes(axis: Axis): Sql[] {
  const { letter, leafTable: leaf } = axis;
  if (depthOf(axis) === 0) return [raw(`CAST(0 AS INTEGER) AS ${letter}`)];
  return [
    raw(`${leaf}.id AS ${letter}`),
    ...innerLevels(axis).map((level) => sql`${raw(leaf)}.${groupColumn(axis, level)}`),
  ];
}

function codedTable(pivot: Pivot, name: 'coded' | 'base', from: Sql, values: readonly Sql[]): Sql {
  const axes = [pivot.rows, pivot.columns];
  const joins = axes
    .filter((axis) => depthOf(axis) > 0)
    .map(
      (axis) =>
        sql` JOIN ${raw(axis.leafTable)} ON ${sameMembers(axis, depthOf(axis), axis.leafTable, 'src')}`,
    );
  return sql`CREATE TEMP TABLE ${raw(name)} AS SELECT ${list([...axes.flatMap(codes), ...values])} FROM ${from} AS src${join(joins, '')}`;
}

function headerNumber(axis: Axis, level: number): Sql {
  if (level === depthOf(axis)) return raw(axis.letter);
  return level === 0 ? raw('CAST(0 AS INTEGER)') : groupColumn(axis, level);
}

/** Cells of one pair of levels from one of the coded tables. */
function cellStatement(
  pivot: Pivot,
  rowLevel: number,
  columnLevel: number,
  measures: number[],
  from: 'coded' | 'base',
): CellStatement {
  const { rows, columns, scope } = pivot;
  const finest = rowLevel === depthOf(rows) && columnLevel === depthOf(columns);
  const params: WindowParam[] = [];
  const tests: string[] = [];
  const window = (axis: Axis, level: number, bounds: [WindowParam, WindowParam]) => {
    if (depthOf(axis) === 0 || level < depthOf(axis)) return;
    params.push(...bounds);
    tests.push(`${axis.letter} >= $${params.length - 1} AND ${axis.letter} < $${params.length}`);
  };
  window(rows, rowLevel, ['rowFrom', 'rowTo']);
  window(columns, columnLevel, ['columnFrom', 'columnTo']);
  const values = measures.map((m) => {
    const measure = pivot.measures[m]!;
    const value = () => {
      if (from === 'base') return measure.direct(inputColumn(m));
      if (!measure.decomposable) return directColumn(m);
      return finest
        ? measure.final(measure.partials.map(({ suffix }) => partialColumn(m, suffix)))
        : combined(measure, m);
    };
    return scope.dialect.shown[measure.type](value(), scope.timezone);
  });
  const header = [
    as(headerNumber(rows, rowLevel), raw('r')),
    as(headerNumber(columns, columnLevel), raw('c')),
  ];
  const where = tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;
  const grouping = finest ? '' : ' GROUP BY 1, 2';
  const { text } = render(
    sql`SELECT ${list([...header, ...values])} FROM ${raw(from + where + grouping)}`,
    scope.dialect,
  );
  return { rowLevel, columnLevel, from, text, params, measures };
}

function cellStatements(pivot: Pivot): CellStatement[] {
  const all = pivot.measures.map((_, m) => m);
  const decomposable = all.filter((m) => pivot.measures[m]!.decomposable);
  const others = all.filter((m) => !pivot.measures[m]!.decomposable);
  const levels = (axis: Axis) => [...axis.totals, depthOf(axis)];
  return levels(pivot.rows).flatMap((rowLevel) =>
    levels(pivot.columns).flatMap((columnLevel) => {
      const finest = rowLevel === depthOf(pivot.rows) && columnLevel === depthOf(pivot.columns);
      if (finest) return [cellStatement(pivot, rowLevel, columnLevel, all, 'coded')];
      return [
        ...(decomposable.length > 0
          ? [cellStatement(pivot, rowLevel, columnLevel, decomposable, 'coded')]
          : []),
        ...(others.length > 0 ? [cellStatement(pivot, rowLevel, columnLevel, others, 'base')] : []),
      ];
    }),
  );
}

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
        .map((dimension, k) => scope.dialect.shown[dimension.type](memberColumn(axis, k), scope.timezone)),
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

/** Compiles a checked pivot over `source`. Throws `query.*` and `request.invalid` errors that point into the spec. */
export function compilePivot(spec: PivotSpec, source: Sql, scope: Scope): PivotProgram {
  const dimensions = (list: readonly Dimension[] | undefined, name: string) =>
    (list ?? []).map((dimension, i) => compileDimension(dimension, scope, `/${name}/${i}`));
  const rowDimensions = dimensions(spec.rows, 'rows');
  const columnDimensions = dimensions(spec.columns, 'columns');
  const rows: Axis = {
    letter: 'r',
    leafTable: 'row_leaf',
    dimensions: rowDimensions,
    totals: totalLevels(spec.totals?.rows, rowDimensions, '/totals/rows'),
  };
  const columns: Axis = {
    letter: 'c',
    leafTable: 'column_leaf',
    dimensions: columnDimensions,
    totals: totalLevels(spec.totals?.columns, columnDimensions, '/totals/columns'),
  };
  const measures = spec.measures.map((measure: Measure, i) =>
    compileMeasure(measure, scope, `/measures/${i}`),
  );
  const where = spec.where ? compileFilter(spec.where, scope, '/where') : scope.dialect.always;
  const zeroFilled = spec.fill === 'zero' ? countsOf(measures) : [];
  const pivot: Pivot = { rows, columns, measures, source, where, scope, zeroFilled };
  checkNames(pivot);

  const names = measures.map(({ name }) => name);
  const sorts = spec.sort ?? [];
  const setup = [fineTable(pivot)];
  if (rowDimensions.length > 0)
    setup.push(leafTable(pivot, rows, columns, levelSorts(sorts, 'rows', rows, columns, names)));
  else levelSorts(sorts, 'rows', rows, columns, names);
  if (columnDimensions.length > 0)
    setup.push(leafTable(pivot, columns, rows, levelSorts(sorts, 'columns', columns, rows, names)));
  else levelSorts(sorts, 'columns', columns, rows, names);

  const cells = cellStatements(pivot);
  const values = measures.flatMap((measure, m) =>
    measure.decomposable ? measure.partials.map(({ suffix }) => partialColumn(m, suffix)) : [directColumn(m)],
  );
  setup.push(codedTable(pivot, 'coded', raw('fine'), values));
  if (cells.some(({ from }) => from === 'base')) {
    const others = measures.flatMap(({ decomposable }, m) => (decomposable ? [] : [m]));
    setup.push(codedTable(pivot, 'base', rowsWithInputs(pivot, others), others.map(inputColumn)));
  }
  return {
    setup: setup.map((statement) => render(statement, scope.dialect)),
    rows: axisProgram(rows, spec.page?.rows, scope),
    columns: axisProgram(columns, spec.page?.columns, scope),
    cells,
    measures: measures.map(({ name, type }) => ({ name, type })),
    position: spec.totals?.position ?? 'last',
    zeroFilled,
  };
}
