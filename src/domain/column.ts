import Type, { type Static } from 'typebox';

/**
 * The column types of every engine and answer. `integer` and `decimal` are exact; `timestamp` is wall-clock time without a
 * zone and is never shifted; `timestamptz` is an instant and is shown and grouped in the time zone of the query.
 */
export const COLUMN_TYPES = [
  'text',
  'integer',
  'decimal',
  'float',
  'boolean',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'json',
  'binary',
] as const;

export const ColumnType = Type.Enum([...COLUMN_TYPES]);
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** `scale` is there for a decimal of a dataset: its digits after the point. Label and format are what a model says of the column. */
export const Column = Type.Object(
  {
    name: Type.String(),
    type: ColumnType,
    scale: Type.Optional(Type.Integer()),
    label: Type.Optional(Type.String()),
    format: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Column = Static<typeof Column>;

/** A column that can be read; `nativeType` is the database's own name of its type, where a database holds it. */
export interface SourceColumn extends Column {
  nativeType?: string;
}

export const isNumeric = (type: ColumnType) => type === 'integer' || type === 'decimal' || type === 'float';
export const isTemporal = (type: ColumnType) =>
  type === 'date' || type === 'timestamp' || type === 'timestamptz';
