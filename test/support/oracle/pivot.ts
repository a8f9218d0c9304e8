import type { PivotSpec } from '../../../src/domain/pivot-spec.ts';
import { measureOf, type OracleMeasure } from './aggregate.ts';
import { axisOf, type Header, headersOf, type OracleAxis, totalsOf } from './axis.ts';
import { type Json, shown } from './shown.ts';
import {
  dimensionOf,
  type Question,
  question,
  type Settings,
  type ShownColumn,
  shownColumn,
} from './source.ts';
import type { OracleTable, Row, Value } from './values.ts';

export interface AxisAnswer {
  levels: string[];
  types: string[];
  labels: string[];
  formats: null[];
  members: Json[][];
  level: number[];
}

export interface DetailAnswer {
  returned: number;
  total: number;
  truncated: boolean;
}

export interface PivotAnswer {
  rows: AxisAnswer;
  columns: AxisAnswer;
  measures: ShownColumn[];
  cells: Json[][];
  detail: { rows: DetailAnswer; columns: DetailAnswer };
  totals: 'complete';
}

export interface RowsAnswer {
  columns: ShownColumn[];
  rows: Json[][];
}

interface Computed {
  asked: Question;
  axes: { rows: OracleAxis; columns: OracleAxis };
  headers: { rows: Header[]; columns: Header[] };
  detail: PivotAnswer['detail'];
  measures: OracleMeasure[];
  /** The rows behind a cell. */
  behind(row: Header, column: Header): Row[];
  valueIn(measure: OracleMeasure, rows: readonly Row[]): Value;
}

function compute(table: OracleTable, spec: PivotSpec, settings: Settings): Computed {
  const asked = question(table, spec, settings);
  const dimensions = {
    rows: (spec.rows ?? []).map((dimension) => dimensionOf(dimension, asked.names)),
    columns: (spec.columns ?? []).map((dimension) => dimensionOf(dimension, asked.names)),
  };
  const measures = spec.measures.map((measure) => measureOf(measure, asked.names));
  const axes = {
    rows: axisOf('rows', dimensions.rows, dimensions.columns, measures, spec, asked),
    columns: axisOf('columns', dimensions.columns, dimensions.rows, measures, spec, asked),
  };
  const part = (name: 'rows' | 'columns') => {
    const total = axes[name].details.length;
    // An axis without dimensions is its grand total alone, which no page touches.
    const { offset = 0, limit = total } = dimensions[name].length === 0 ? {} : (spec.page?.[name] ?? {});
    const from = Math.min(offset, total);
    const to = Math.min(total, from + limit);
    const position = spec.totals?.position ?? 'last';
    const totals = totalsOf(spec.totals?.[name], dimensions[name]);
    return {
      headers: headersOf(axes[name], totals, position, { from, to }, asked.rows),
      detail: { returned: to - from, total, truncated: to - from < total },
    };
  };
  const [rows, columns] = [part('rows'), part('columns')];
  const columnSets = new Map(columns.headers.map((header) => [header, new Set(header.rows)]));
  return {
    asked,
    axes,
    headers: { rows: rows.headers, columns: columns.headers },
    detail: { rows: rows.detail, columns: columns.detail },
    measures,
    behind: (row, column) => row.rows.filter((one) => columnSets.get(column)!.has(one)),
    valueIn: (measure, behind) => {
      if (behind.length > 0) return measure.of(behind);
      return spec.fill === 'zero' && measure.agg.startsWith('count') ? 0n : null;
    },
  };
}

/** The answer of `/query/pivot`, without its meta. */
export function oraclePivot(table: OracleTable, spec: PivotSpec, settings: Settings): PivotAnswer {
  const { asked, axes, headers, detail, measures, behind, valueIn } = compute(table, spec, settings);
  const axis = (name: 'rows' | 'columns'): AxisAnswer => ({
    levels: axes[name].dimensions.map(({ column }) => column.name),
    types: axes[name].dimensions.map(({ column }) => column.type),
    // Without a model a column is called by its name, and has no format.
    labels: axes[name].dimensions.map(({ column }) => column.name),
    formats: axes[name].dimensions.map(() => null),
    members: headers[name].map(({ path }) =>
      path.map((member, k) => shown(member, axes[name].dimensions[k]!.column, asked.shown)),
    ),
    level: headers[name].map(({ path }) => path.length),
  });
  const cells = headers.rows.map((row) =>
    headers.columns.flatMap((column) => {
      const there = behind(row, column);
      return measures.map((measure) => shown(valueIn(measure, there), measure.column, asked.shown));
    }),
  );
  return {
    rows: axis('rows'),
    columns: axis('columns'),
    measures: measures.map(({ column }) => shownColumn(column)),
    cells,
    detail,
    totals: 'complete',
  };
}

/** The long shape: one row a cell that has rows behind it, or zeros. */
export function oraclePivotLong(table: OracleTable, spec: PivotSpec, settings: Settings): RowsAnswer {
  const { asked, axes, headers, measures, behind, valueIn } = compute(table, spec, settings);
  const dimensions = [...axes.rows.dimensions, ...axes.columns.dimensions].map(({ column }) => column);
  const markers = ['rowLevel', 'columnLevel'].map((name) => ({ name, type: 'integer', label: name }));
  const rows: Json[][] = [];
  for (const row of headers.rows)
    for (const column of headers.columns) {
      const there = behind(row, column);
      const values = measures.map((measure) => shown(valueIn(measure, there), measure.column, asked.shown));
      if (there.length === 0 && values.every((value) => value === null)) continue;
      const path = [
        ...axes.rows.dimensions.map((_, k) => row.path[k] ?? null),
        ...axes.columns.dimensions.map((_, k) => column.path[k] ?? null),
      ];
      const members = path.map((member, k) => shown(member, dimensions[k]!, asked.shown));
      rows.push([...members, row.path.length, column.path.length, ...values]);
    }
  return {
    columns: [
      ...dimensions.map(shownColumn),
      ...markers,
      ...measures.map(({ column }) => shownColumn(column)),
    ],
    rows,
  };
}

/** The details of an axis as an answer shows them, for paths of sorts. */
export function oracleMembers(
  table: OracleTable,
  spec: PivotSpec,
  settings: Settings,
  axis: 'rows' | 'columns',
): Json[][] {
  const plain: PivotSpec = { ...spec, sort: [], totals: {}, page: {}, numbers: 'exact' };
  return oraclePivot(table, plain, settings)[axis].members;
}
