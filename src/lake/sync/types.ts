import { AppError } from '../../base/errors.ts';
import type { Column, ColumnType } from '../../domain/column.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';

const TYPES: Readonly<Record<Exclude<ColumnType, 'decimal'>, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
  json: 'VARCHAR',
  binary: 'BLOB',
};

export const MAX_PRECISION = 38;

/** The type in which a column is stored. */
export const storedType = ({
  type,
  precision = MAX_PRECISION,
  scale = 0,
}: Pick<SyncedColumn, 'type' | 'precision' | 'scale'>) =>
  type === 'decimal' ? `DECIMAL(${precision}, ${scale})` : TYPES[type];

/** A column as datasets describe it. */
export const columnOf = ({ name, type, scale }: SyncedColumn): Column => ({
  name,
  type,
  ...(type === 'decimal' ? { scale: scale ?? 0 } : {}),
});

export const misfit = (name: string, type: string, cause?: unknown) =>
  new AppError(
    'sync.value',
    `The column ${JSON.stringify(name)} has a value that cannot be held exactly as ${type}; give the column another type, or scale, in columns`,
    { params: { column: name, type }, cause },
  );
