import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import type { ColumnType } from '../../domain/column.ts';
import type { SyncColumn, SyncedColumn } from '../../domain/sync-task.ts';
import type { SourceColumn } from '../sync-source.ts';

const MAX_PRECISION = 38;

/** What a source's type may be taken as, beside itself and text; every value is checked to be exactly one. */
const CONVERSIONS: Readonly<Partial<Record<ColumnType, readonly ColumnType[]>>> = {
  text: [
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
  ],
  integer: ['decimal', 'float'],
  decimal: ['integer', 'float'],
  float: ['decimal'],
  date: ['timestamp'],
  json: [],
};

export const canBecome = (from: ColumnType, to: ColumnType) =>
  from === to || (to === 'text' && from !== 'binary') || (CONVERSIONS[from] ?? []).includes(to);

/** Names are told apart as DuckDB does: without regard to case. */
const fold = (name: string) => name.toLowerCase();

function digits(
  source: SourceColumn,
  type: ColumnType,
  asked: number | undefined,
): Pick<SyncedColumn, 'precision' | 'scale'> {
  if (type !== 'decimal') return {};
  if (asked !== undefined) return { precision: MAX_PRECISION, scale: asked };
  if (source.type === 'integer') return { precision: MAX_PRECISION, scale: 0 };
  const { precision, scale } = source;
  if (scale === undefined || precision === undefined) return {};
  const behind = Math.max(0, scale);
  const all = Math.max(precision + Math.max(0, -scale), behind);
  return { precision: Math.min(all, MAX_PRECISION), scale: Math.min(behind, MAX_PRECISION) };
}

function planned(source: SourceColumn, asked: SyncColumn | undefined, at: string): SyncedColumn {
  const type = asked?.type ?? source.type;
  if (!canBecome(source.type, type))
    throw new AppError(
      'request.invalid',
      `The column ${JSON.stringify(source.name)} is ${source.type} and cannot be taken as ${type} without loss`,
      { pointer: `${at}/type`, params: { column: source.name, type: source.type } },
    );
  if (asked?.scale !== undefined && type !== 'decimal')
    throw new AppError('request.invalid', `${at}/scale goes with the type decimal`, {
      pointer: `${at}/scale`,
    });
  const column = {
    ...{ name: asked?.as ?? source.name, source: source.name, type },
    ...digits(source, type, asked?.scale),
  };
  if (type === 'decimal' && source.type !== 'decimal' && column.scale === undefined)
    throw new AppError(
      'request.invalid',
      `The column ${JSON.stringify(source.name)} is ${source.type}: ${at}/scale says how many digits after the point it has as decimal`,
      { pointer: `${at}/scale`, params: { column: source.name, type: source.type } },
    );
  return column;
}

function refuseTwins(columns: readonly SyncedColumn[], at: (index: number) => string): void {
  const seen = new Set<string>();
  for (const [index, { name }] of columns.entries()) {
    if (seen.has(fold(name)))
      throw new AppError(
        'request.invalid',
        `Two columns would be named ${JSON.stringify(name)} (case does not count); rename one by columns`,
        { pointer: at(index), params: { column: name } },
      );
    seen.add(fold(name));
  }
}

/**
 * The columns of a task's dataset, as its source is now. A column that `columns` names and the source lacks is left out: `missing` says which.
 * A decimal of the source whose scale it does not say has none yet.
 */
export function planColumns(
  source: readonly SourceColumn[],
  asked: readonly SyncColumn[] | undefined,
): { columns: SyncedColumn[]; missing: { name: string; pointer: string }[] } {
  if (!asked) {
    const columns = source.map((column) => planned(column, undefined, '/columns'));
    refuseTwins(columns, () => '/columns');
    return { columns, missing: [] };
  }
  const columns: SyncedColumn[] = [];
  const missing: { name: string; pointer: string }[] = [];
  for (const [index, column] of asked.entries()) {
    const at = pointer('columns', String(index));
    const found = source.find(({ name }) => name === column.name);
    if (found) columns.push(planned(found, column, at));
    else missing.push({ name: column.name, pointer: `${at}/name` });
  }
  refuseTwins(columns, (index) => pointer('columns', String(index)));
  return { columns, missing };
}

/** Whether every value of the source's type fits into the dataset's, so that none needs a look. */
export function isExact(source: SourceColumn, column: SyncedColumn): boolean {
  if (source.type !== column.type)
    return (
      column.type === 'text' || (source.type === 'integer' && column.type === 'decimal' && column.scale === 0)
    );
  if (column.type !== 'decimal') return true;
  const { precision, scale } = source;
  if (precision === undefined || scale === undefined || column.scale === undefined) return false;
  const before = (column.precision ?? MAX_PRECISION) - column.scale;
  return scale <= column.scale && precision - scale <= before;
}
