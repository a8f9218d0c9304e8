import Type from 'typebox';
import { ColumnType } from '../../../domain/column.ts';
import { AnswerColumn, Cell, Count, closed, Rows, Texts, Time } from './parts.ts';

const Engine = Type.Enum(['duckdb', 'postgres', 'mysql', 'mssql']);

export const ReportedRange = Type.Object(
  { pointer: Type.String(), from: Type.Optional(Type.String()), to: Type.Optional(Type.String()) },
  { ...closed, description: 'A time range of the request as it was resolved: [from, to)' },
);

/** What an answer says of itself. */
export const QueryMeta = Type.Object(
  {
    requestId: Type.String(),
    rowCount: Count,
    truncated: Type.Boolean({ description: 'Whether a limit cut the answer; `warnings` names it' }),
    totalRows: Type.Optional(Type.Integer({ description: 'All rows, where `totalRows` was asked for' })),
    elapsedMs: Type.Number(),
    cache: Type.Object({ hit: Type.Boolean(), ageS: Type.Number() }, closed),
    asOf: Time,
    dataVersion: Type.String(),
    timezone: Type.String(),
    ranges: Type.Array(ReportedRange),
    engine: Engine,
    exact: Type.Boolean({ description: 'Whether no approximate aggregation was used' }),
    policy: Type.String(),
    resultHash: Type.String({ description: 'Equal for equal content' }),
    warnings: Texts,
  },
  closed,
);

const columns = Type.Array(AnswerColumn);

export const RowsAnswer = Type.Object({ columns, rows: Rows, meta: QueryMeta }, closed);

export const ObjectRowsAnswer = Type.Object(
  { columns, rows: Type.Array(Type.Record(Type.String(), Cell)), meta: QueryMeta },
  { ...closed, description: 'With `shape=objects`: one object a row' },
);

export const ColumnsAnswer = Type.Object(
  { columns, data: Type.Array(Type.Array(Cell)), meta: QueryMeta },
  { ...closed, description: 'With `shape=columns`: one list of values a column' },
);

/** Rows, in the shape that was asked for. */
export const QueryAnswer = Type.Union([RowsAnswer, ObjectRowsAnswer, ColumnsAnswer]);

export const PivotAxis = Type.Object(
  {
    levels: Texts,
    types: Type.Array(ColumnType),
    labels: Texts,
    formats: Type.Array(Type.Union([Type.String(), Type.Null()])),
    members: Type.Array(Type.Array(Cell), {
      description: 'One list of members a header; a total has fewer members than the axis has levels',
    }),
    level: Type.Array(Type.Integer(), {
      description: 'Of each header, how many levels it has; 0 is the grand total',
    }),
  },
  closed,
);

const AxisDetail = Type.Object({ returned: Count, total: Count, truncated: Type.Boolean() }, closed);

/** A pivot as a grid. */
export const PivotGrid = Type.Object(
  {
    rows: PivotAxis,
    columns: PivotAxis,
    measures: Type.Array(AnswerColumn),
    cells: Type.Array(Type.Array(Cell), {
      description: 'One list a row header: for each column header, one value of each measure',
    }),
    detail: Type.Object({ rows: AxisDetail, columns: AxisDetail }, closed),
    totals: Type.Literal('complete'),
    meta: QueryMeta,
  },
  closed,
);

/** A pivot; with `shape=long` one row a cell. */
export const PivotAnswer = Type.Union([PivotGrid, RowsAnswer]);

export const Explanation = Type.Object(
  {
    engine: Engine,
    source: Type.String(),
    dataVersion: Type.String(),
    timezone: Type.String(),
    ranges: Type.Array(ReportedRange),
    statements: Type.Array(Type.Object({ text: Type.String(), params: Type.Array(Type.Unknown()) }, closed)),
  },
  closed,
);

export const RunningQuery = Type.Object(
  {
    requestId: Type.String(),
    userId: Type.String(),
    kind: Type.String(),
    dataset: Type.String(),
    startedAtMs: Type.Number(),
    state: Type.Enum(['running', 'ending']),
  },
  closed,
);
