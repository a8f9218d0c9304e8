import { join, raw, render, type Sql, sql } from './ast.ts';
import { shownOf } from './native.ts';
import { type Axis, groupColumn, sameMembers, startColumn } from './pivot-axis.ts';
import {
  as,
  type CellStatement,
  combined,
  depthOf,
  directColumn,
  inputColumn,
  levelTable,
  list,
  membersOf,
  type Pivot,
  partialColumn,
  type WindowParam,
} from './pivot-parts.ts';

function headerNumber(axis: Axis, level: number): Sql {
  if (level === depthOf(axis)) return raw(axis.letter);
  return level === 0 ? raw('CAST(0 AS INTEGER)') : groupColumn(axis, level);
}

/** `coded` holds the finest grain, `base` the rows. */
type Coded = 'coded' | 'base';

/** Cells of one pair of levels from one of the coded tables. */
function cellStatement(
  pivot: Pivot,
  rowLevel: number,
  columnLevel: number,
  measures: number[],
  from: Coded,
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
    return shownOf(value(), measure, scope.dialect, scope.timezone);
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
  return { rowLevel, columnLevel, text, params, measures };
}

/** The header numbers of a level beside its members; undefined for the grand total, which has neither. */
function headers(axis: Axis, level: number): Sql | undefined {
  if (level === 0) return undefined;
  const members = list(membersOf(axis).slice(0, level));
  const firstOfGroup = level === depthOf(axis) ? raw('') : sql` WHERE ${startColumn(level)} = 1`;
  const number = level === depthOf(axis) ? raw('id') : groupColumn(axis, level);
  return sql`(SELECT ${members}, ${number} AS header FROM ${raw(axis.leafTable)}${firstOfGroup})`;
}

/** Cells of one pair of levels as the database gave them. */
function fetchedCells(
  pivot: Pivot,
  rowLevel: number,
  columnLevel: number,
  measures: number[],
): CellStatement {
  const { rows, columns, scope } = pivot;
  const params: WindowParam[] = [];
  const tests: Sql[] = [];
  const joins: Sql[] = [];
  const headerOf = (axis: Axis, level: number, alias: string, bounds: [WindowParam, WindowParam]) => {
    const table = headers(axis, level);
    if (!table) return raw('CAST(0 AS INTEGER)');
    joins.push(sql` JOIN ${table} AS ${raw(alias)} ON ${sameMembers(axis, level, alias, 'given')}`);
    if (level === depthOf(axis)) {
      params.push(...bounds);
      tests.push(raw(`${alias}.header >= $${params.length - 1} AND ${alias}.header < $${params.length}`));
    }
    return raw(`${alias}.header`);
  };
  const row = headerOf(rows, rowLevel, 'row_header', ['rowFrom', 'rowTo']);
  const column = headerOf(columns, columnLevel, 'column_header', ['columnFrom', 'columnTo']);
  const values = measures.map((m) =>
    shownOf(sql`given.${directColumn(m)}`, pivot.measures[m]!, scope.dialect, scope.timezone),
  );
  // Over no rows a database still answers a grand total; here it is no group.
  if (rowLevel === 0 && columnLevel === 0) tests.push(raw('EXISTS (FROM fine)'));
  const where = tests.length === 0 ? raw('') : sql` WHERE ${join(tests, ' AND ')}`;
  const from = sql`${raw(levelTable(rowLevel, columnLevel))} AS given${join(joins, '')}${where}`;
  const { text } = render(
    sql`SELECT ${list([as(row, raw('r')), as(column, raw('c')), ...values])} FROM ${from}`,
    scope.dialect,
  );
  return { rowLevel, columnLevel, text, params, measures };
}

/** The statements that yield every cell. */
export function cellStatements(pivot: Pivot): CellStatement[] {
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
        ...(others.length > 0
          ? [
              pivot.rowsAt
                ? cellStatement(pivot, rowLevel, columnLevel, others, 'base')
                : fetchedCells(pivot, rowLevel, columnLevel, others),
            ]
          : []),
      ];
    }),
  );
}
