import Type from 'typebox';
import { Column, ColumnType } from '../../../domain/column.ts';
import { Cell, Count, closed, Rows } from './parts.ts';

export const DatasetPreview = Type.Object(
  {
    columns: Type.Array(Column),
    rows: Rows,
    meta: Type.Object(
      {
        requestId: Type.String(),
        rowCount: Count,
        truncated: Type.Boolean({ description: 'Whether the dataset has more rows after these' }),
        totalRows: Count,
        generation: Type.Integer(),
      },
      closed,
    ),
  },
  closed,
);

const Bin = Type.Object({ from: Cell, to: Cell, count: Count }, closed);

export const ColumnProfile = Type.Object(
  {
    name: Type.String(),
    type: ColumnType,
    nulls: Count,
    distinct: Count,
    min: Cell,
    max: Cell,
    mean: Type.Optional(Cell),
    notFinite: Type.Optional(Type.Integer({ description: 'How many values are NaN or infinite' })),
    top: Type.Array(Type.Object({ value: Cell, count: Count }, closed), {
      description: 'The most frequent values',
    }),
    histogram: Type.Optional(Type.Array(Bin, { description: 'Half-open bins; the last one is closed' })),
  },
  closed,
);

export const DatasetProfile = Type.Object(
  { id: Type.String(), generation: Type.Integer(), rowCount: Count, columns: Type.Array(ColumnProfile) },
  closed,
);
