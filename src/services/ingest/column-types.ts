import type { Column, ColumnType } from '../../domain/column.ts';
import type { SyncedColumn } from '../../domain/sync-task.ts';
import type { SourceColumn } from '../sync-source.ts';

const MAX_PRECISION = 38;

/** A column of a loaded file. Its decimals have as many digits as there can be: how many of them count, the values say. */
export const sourceColumn = ({ name, type, scale }: Column): SourceColumn => ({
  name,
  type,
  nullable: true,
  ...(type === 'decimal' && scale !== undefined ? { precision: MAX_PRECISION, scale } : {}),
});

const WIDER: readonly (readonly ColumnType[])[] = [
  ['integer', 'decimal', 'float'],
  ['date', 'timestamp'],
];

/** A type that holds the values of both. */
function merged(a: SourceColumn, b: SourceColumn): SourceColumn {
  if (a.type === b.type) {
    if (a.type !== 'decimal' || a.scale === undefined || b.scale === undefined) return a;
    return { ...a, scale: Math.max(a.scale, b.scale) };
  }
  const ladder = WIDER.find((types) => types.includes(a.type) && types.includes(b.type));
  if (!ladder) return { name: a.name, type: 'text', nullable: true };
  return ladder.indexOf(a.type) > ladder.indexOf(b.type) ? a : b;
}

/** The columns of several files, each once, in the order in which they first come; names are told apart without regard to case. */
export function mergedColumns(files: readonly (readonly SourceColumn[])[]): SourceColumn[] {
  const found = new Map<string, SourceColumn>();
  for (const column of files.flat()) {
    const key = column.name.toLowerCase();
    const before = found.get(key);
    found.set(key, before ? merged(before, column) : column);
  }
  return [...found.values()];
}

const READ_AS: Readonly<Partial<Record<ColumnType, readonly ColumnType[]>>> = {
  integer: ['decimal', 'float', 'text'],
  decimal: ['float', 'text'],
  date: ['timestamp', 'text'],
};

/**
 * A column in the type that the dataset has, where all its values can be read so: a few rows often look narrower than all. `isEmpty`: it
 * holds no value, and so may be of any type.
 */
export function asHeld(column: SourceColumn, held: SyncedColumn | undefined, isEmpty: boolean): SourceColumn {
  if (!held || held.type === column.type) return column;
  if (!isEmpty && held.type !== 'text' && !READ_AS[column.type]?.includes(held.type)) return column;
  if (column.type === 'binary') return column;
  const { precision, scale } = held;
  return {
    name: column.name,
    type: held.type,
    nullable: true,
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/** The columns of a dataset as its source would have them, where the source has no rows that would tell. */
export const heldColumns = (held: readonly SyncedColumn[]): SourceColumn[] =>
  held.map(({ source: name, name: _, ...rest }) => ({ name, nullable: true, ...rest }));
