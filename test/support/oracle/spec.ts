import type { DistinctSpec, QuerySpec } from '../../../src/domain/query-spec.ts';
import { measureOf } from './aggregate.ts';
import { fits, type Names } from './filter.ts';
import type { RowsAnswer } from './pivot.ts';
import { shown } from './shown.ts';
import { comparePaths, dimensionOf, groupsOf, question, type Settings, shownColumn } from './source.ts';
import { compareNullable, type OracleTable, type Row, type Value } from './values.ts';

export interface SpecAnswer extends RowsAnswer {
  /** Groups before paging. */
  totalRows: number;
}

/** The answer of `/query/spec` without its meta. */
export function oracleSpec(table: OracleTable, spec: QuerySpec, settings: Settings): SpecAnswer {
  const asked = question(table, spec, settings);
  const dimensions = (spec.dimensions ?? []).map((dimension) => dimensionOf(dimension, asked.names));
  const measures = (spec.measures ?? []).map((measure) => measureOf(measure, asked.names));
  const columns = [...dimensions, ...measures].map(({ column }) => column);
  const groups = groupsOf(asked.rows, dimensions);
  if (dimensions.length === 0 && groups.length === 0) groups.push({ key: '', path: [], rows: [] });
  const outputs: Names = { ...asked.names, columns: new Map(columns.map((column) => [column.name, column])) };
  const found = groups
    .map(({ path, rows }) => {
      const values: Value[] = [...path, ...measures.map((measure) => measure.of(rows))];
      const row: Row = Object.fromEntries(columns.map(({ name }, i) => [name, values[i]!]));
      return { path, values, row };
    })
    .filter(({ row }) => fits(spec.having, row, outputs));
  found.sort((a, b) => {
    for (const { by, dir, nulls } of spec.order ?? []) {
      const order = compareNullable(a.row[by]!, b.row[by]!, dir, nulls);
      if (order !== 0) return order;
    }
    return comparePaths(a.path, b.path);
  });
  const from = spec.offset ?? 0;
  const page = found.slice(from, spec.limit === undefined ? undefined : from + spec.limit);
  return {
    columns: columns.map(shownColumn),
    rows: page.map(({ values }) => values.map((value, i) => shown(value, columns[i]!, asked.shown))),
    totalRows: found.length,
  };
}

/** The answer of `/query/distinct` without its meta. */
export function oracleDistinct(table: OracleTable, spec: DistinctSpec, settings: Settings): RowsAnswer {
  const asked = question(table, spec, settings);
  const dimension = dimensionOf(spec.field, asked.names);
  const text = (value: Value) => String(shown(value, dimension.column, { ...asked.shown, numbers: 'exact' }));
  const groups = groupsOf(asked.rows, [dimension])
    .filter(
      ({ path }) =>
        !spec.search ||
        (path[0] !== null && text(path[0]!).toLowerCase().includes(spec.search.toLowerCase())),
    )
    .sort(
      (a, b) =>
        (spec.orderBy === 'count' ? b.rows.length - a.rows.length : 0) || comparePaths(a.path, b.path),
    );
  const from = spec.offset ?? 0;
  const page = groups.slice(from, spec.limit === undefined ? undefined : from + spec.limit);
  return {
    columns: [
      { name: 'value', type: dimension.column.type, label: 'value' },
      { name: 'count', type: 'integer', label: 'count' },
    ],
    rows: page.map(({ path, rows }) => [shown(path[0]!, dimension.column, asked.shown), rows.length]),
  };
}
