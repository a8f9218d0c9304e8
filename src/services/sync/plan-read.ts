import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import { CURSOR_TYPES, isOrderedAlike } from '../../domain/cursor-value.ts';
import type {
  SourceSpec,
  SyncedColumn,
  SyncRunInput,
  SyncTask,
  SyncTaskInput,
} from '../../domain/sync-task.ts';
import { PLACEHOLDER_START } from '../../domain/template.ts';
import type { OpenSource, SourceColumn, SyncSource, SyncSources } from '../sync-source.ts';
import { type Drift, planDrift, sameName } from './drift.ts';
import { planColumns } from './plan-columns.ts';

export function openSource(sources: SyncSources, spec: SourceSpec, signal: AbortSignal): Promise<SyncSource> {
  const open = sources[spec.kind] as OpenSource<SourceSpec['kind']>;
  return open(spec, signal);
}

/** What a run reads, and what its dataset looks like. */
export interface PlannedRead {
  /** The columns of the dataset. */
  schema: SyncedColumn[];
  /** Those of them that the source has. */
  read: SyncedColumn[];
  /** Names of those that it has not. */
  absent: string[];
  drift: Drift;
  cursor: SyncedColumn | undefined;
  isCursorNullable: boolean;
  /** Rows of the source in all, as far as it knows. */
  expectedRows: number | null;
}

const invalid = (at: string, detail: string, params?: Record<string, unknown>) =>
  new AppError('request.invalid', detail, { pointer: at, params });

function columnAt(columns: readonly SyncedColumn[], name: string, at: string): SyncedColumn {
  const found = columns.find((column) => column.name === name);
  if (found) return found;
  throw new AppError('query.field', `The dataset would have no column ${JSON.stringify(name)}`, {
    pointer: at,
    params: { field: name, columns: columns.map((column) => column.name).slice(0, 50) },
  });
}

/** Sources that say themselves what is new. */
const marksNew = (source: SourceSpec) =>
  (source.kind === 'folder' && source.take === 'each') ||
  (source.kind === 'http' && source.remember !== undefined);

/** Sources that give all of their rows in each run: what is not among them is gone. A placeholder asks for a part. */
const readsAll = (source: SourceSpec) =>
  source.kind === 'table' ||
  source.kind === 'sql' ||
  source.kind === 'url' ||
  (source.kind === 'folder' && source.take === 'newest') ||
  (source.kind === 'http' &&
    source.remember === undefined &&
    !JSON.stringify(source.request).includes(PLACEHOLDER_START));

/** What must fit between the fields of a task; what the source must have is looked at by `checkColumns`. */
export function checkFields(task: SyncTaskInput): void {
  if (task.mode === 'snapshot') {
    for (const field of ['cursor', 'primaryKey', 'deletes'] as const)
      if (task[field] !== undefined) throw invalid(`/${field}`, `/${field} goes with the mode incremental`);
    if (marksNew(task.source))
      throw invalid('/mode', 'The source gives only what is new: its mode is incremental');
    return;
  }
  if (!task.cursor && !marksNew(task.source))
    throw invalid('/cursor', '/cursor says how new rows are known: the mode incremental needs it');
  if (task.deletes && 'compareKeys' in task.deletes && !readsAll(task.source))
    throw invalid(
      '/deletes/compareKeys',
      '/deletes/compareKeys needs all keys in each run: of a database, a URL, the newest file of a folder, or an API whose request has no placeholder',
    );
  if (task.deletes && !task.primaryKey)
    throw invalid('/deletes', '/deletes needs /primaryKey, to know which row was removed');
  if (task.cursor?.lateS !== undefined && task.cursor.lateBy !== undefined)
    throw invalid('/cursor/lateBy', 'Of /cursor/lateS and /cursor/lateBy one at most');
}

/** The columns that a task names are there and of a fitting type. */
export function checkColumns(
  task: Pick<SyncTaskInput, 'cursor' | 'primaryKey' | 'deletes'>,
  columns: readonly SyncedColumn[],
): void {
  if (task.cursor) {
    const { type, name } = columnAt(columns, task.cursor.column, '/cursor/column');
    if (!CURSOR_TYPES.has(type))
      throw invalid(
        '/cursor/column',
        `${JSON.stringify(name)} is ${type}; rows are followed by ${[...CURSOR_TYPES].join(', ')}`,
      );
    const isTime = type === 'date' || type === 'timestamp' || type === 'timestamptz';
    const isNumber = type === 'integer' || type === 'decimal';
    if (task.cursor.lateS !== undefined && !isTime)
      throw invalid(
        '/cursor/lateS',
        `/cursor/lateS goes with a time, and ${JSON.stringify(name)} is ${type}`,
      );
    if (task.cursor.lateBy !== undefined && !isNumber)
      throw invalid(
        '/cursor/lateBy',
        `/cursor/lateBy goes with a number, and ${JSON.stringify(name)} is ${type}`,
      );
  }
  for (const [index, key] of (task.primaryKey ?? []).entries()) {
    const { type } = columnAt(columns, key, pointer('primaryKey', index));
    if (type === 'float' || type === 'json' || type === 'binary')
      throw invalid(pointer('primaryKey', index), `A column of the type ${type} tells no rows apart`);
  }
  if (task.deletes && 'column' in task.deletes) columnAt(columns, task.deletes.column, '/deletes/column');
}

/** Decimals whose scale the source does not say get the one that their values have. */
async function withScales(
  source: SyncSource,
  columns: readonly SyncedColumn[],
  held: readonly SyncedColumn[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SyncedColumn[]> {
  const isOpen = (column: SyncedColumn) =>
    column.type === 'decimal' &&
    column.scale === undefined &&
    !held.some((each) => sameName(each, column) && each.type === 'decimal');
  const open = columns.filter(isOpen);
  if (open.length === 0 || !source.scales) return [...columns];
  const names = open.map((column) => column.source);
  const scales = await source.scales(names, timeoutMs, signal);
  return columns.map((column) => {
    const at = open.indexOf(column);
    return at < 0 ? column : { ...column, precision: 38, scale: scales[at]! };
  });
}

/** What there is to read, and what has changed since the last run. */
export async function planRead(
  source: SyncSource,
  task: SyncTask,
  input: SyncRunInput,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PlannedRead> {
  const shape = await source.shape(signal);
  const { columns, missing } = planColumns(shape.columns, task.columns);
  const isAnew = task.mode === 'snapshot' || input.full === true;
  const held = task.checkpoint?.schema;
  if (missing.length > 0 && !held)
    throw new AppError('query.field', `The source has no column ${JSON.stringify(missing[0]!.name)}`, {
      pointer: missing[0]!.pointer,
    });
  const now = await withScales(source, columns, isAnew ? [] : (held ?? []), timeoutMs, signal);
  const { drift, schema, absent } = driftOf(task, held, now, isAnew);
  if (schema.length === 0) throw invalid('/source', 'The source has no columns');
  checkColumns(
    task,
    schema.filter(({ name }) => !absent.includes(name)),
  );
  const cursor = schema.find(({ name }) => name === task.cursor?.column);
  if (cursor) checkOrder(cursor, source.readsRanges ? shape.columns : [], isAnew ? undefined : held);
  return {
    schema,
    read: schema.filter(({ name }) => !absent.includes(name)),
    absent,
    drift,
    cursor,
    isCursorNullable: isNullable(shape.columns, cursor),
    expectedRows: isAnew || !held ? shape.estimatedRows : null,
  };
}

/** The checkpoint, the dataset and, where it looks for ranges itself, the source must mean the same by "after" the cursor. */
function checkOrder(
  { name, source, type }: SyncedColumn,
  columns: readonly SourceColumn[],
  held: readonly SyncedColumn[] | undefined,
): void {
  const others = [
    held?.find((column) => column.name === name),
    columns.find((column) => column.name === source),
  ];
  const other = others.find((column) => column && !isOrderedAlike(column.type, type));
  if (!other) return;
  const said = `The order of ${JSON.stringify(name)} as ${other.type} is not that as ${type}, so new rows cannot be told by it`;
  if (!held) throw invalid('/cursor/column', said, { column: name, from: other.type, to: type });
  throw new AppError('sync.drift', `${said}; reset the task to read everything anew`, {
    params: { added: [], dropped: [], changed: [{ name, from: other.type, to: type }] },
  });
}

const isNullable = (columns: readonly SourceColumn[], cursor: SyncedColumn | undefined) =>
  columns.find(({ name }) => name === cursor?.source)?.nullable ?? true;

/** A dataset that is made anew takes the columns as they are, unless the policy says otherwise. */
function driftOf(
  { drift: policy }: SyncTask,
  held: readonly SyncedColumn[] | undefined,
  now: SyncedColumn[],
  isAnew: boolean,
): { drift: Drift; schema: SyncedColumn[]; absent: string[] } {
  const none = { added: [], dropped: [], changed: [] };
  if (!held) return { drift: none, schema: now, absent: [] };
  if (!isAnew) return planDrift(held, now, policy);
  if (policy === 'fail') planDrift(held, now, policy);
  const { drift, schema } = planDrift(held, now, 'ignore');
  if (policy === 'add') return { drift, schema: now, absent: [] };
  return { drift, schema: schema.filter(({ name }) => !drift.dropped.includes(name)), absent: [] };
}
