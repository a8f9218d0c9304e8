import { join, raw, type Sql, sql } from './ast.ts';
import {
  type Axis,
  groupColumn,
  innerLevels,
  type LevelSort,
  sameMembers,
  startColumn,
  underPath,
} from './pivot-axis.ts';
import {
  as,
  combined,
  depthOf,
  directColumn,
  inputColumn,
  levelTable,
  list,
  membersOf,
  namedMembers,
  type Pivot,
  partialColumn,
} from './pivot-parts.ts';

type RowsAt = NonNullable<Pivot['rowsAt']>;

/** The finest grain: one row for each combination of members that occurs. */
export function fineTable({ rows, columns, measures }: Pivot, { source, where }: RowsAt): Sql {
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
export function rowsWithInputs(
  { rows, columns, measures }: Pivot,
  { source, where }: RowsAt,
  wanted: readonly number[],
): Sql {
  const inputs = wanted.map((m) => as(measures[m]!.input ?? raw('1'), inputColumn(m)));
  return sql`(SELECT ${list([...namedMembers(rows), ...namedMembers(columns), ...inputs])} FROM ${source} WHERE ${where})`;
}

/** The pair of levels whose values a sort needs. */
export function sortLevels(
  { letter }: Axis,
  { level, path }: LevelSort,
): [rowLevel: number, columnLevel: number] {
  return letter === 'r' ? [level + 1, path.length] : [path.length, level + 1];
}

/** What a level is sorted by: a measure's value for each of its members, at one header of the other axis. */
function sortValues(pivot: Pivot, axis: Axis, other: Axis, sort: LevelSort): Sql {
  const m = sort.measure!;
  const measure = pivot.measures[m]!;
  const keys = list(membersOf(axis).slice(0, sort.level + 1));
  const path = underPath(other, sort.path, pivot.scope);
  if (measure.decomposable)
    return sql`(SELECT ${keys}, ${combined(measure, m)} AS v FROM fine WHERE ${path} GROUP BY ${keys})`;
  if (!pivot.rowsAt) {
    const [rowLevel, columnLevel] = sortLevels(axis, sort);
    return sql`(SELECT ${keys}, ${directColumn(m)} AS v FROM ${raw(levelTable(rowLevel, columnLevel))} WHERE ${path})`;
  }
  const rows = rowsWithInputs(pivot, pivot.rowsAt, [m]);
  return sql`(SELECT ${keys}, ${measure.direct(inputColumn(m))} AS v FROM ${rows} WHERE ${path} GROUP BY ${keys})`;
}

/** The details of an axis, numbered in display order, with the number of their group at each level that has subtotals. */
export function leafTable(pivot: Pivot, axis: Axis, other: Axis, sorts: readonly LevelSort[]): Sql {
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

export function codedTable(pivot: Pivot, name: 'coded' | 'base', from: Sql, values: readonly Sql[]): Sql {
  const axes = [pivot.rows, pivot.columns];
  const joins = axes
    .filter((axis) => depthOf(axis) > 0)
    .map(
      (axis) =>
        sql` JOIN ${raw(axis.leafTable)} ON ${sameMembers(axis, depthOf(axis), axis.leafTable, 'src')}`,
    );
  return sql`CREATE TEMP TABLE ${raw(name)} AS SELECT ${list([...axes.flatMap(codes), ...values])} FROM ${from} AS src${join(joins, '')}`;
}
