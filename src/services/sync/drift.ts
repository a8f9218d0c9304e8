import { AppError } from '../../base/errors.ts';
import type { Checkpoint, DriftPolicy, SyncedColumn } from '../../domain/sync-task.ts';

export interface Drift {
  /** Columns that the dataset lacks. */
  added: string[];
  /** Columns of the dataset that the source lacks. */
  dropped: string[];
  changed: { name: string; from: string; to: string }[];
}

export interface DriftPlan {
  drift: Drift;
  /** The columns of the dataset from now on. */
  schema: SyncedColumn[];
  /** Those of them that the source has not. */
  absent: string[];
}

const MAX_PRECISION = 38;
const INTEGER_DIGITS = 19;

const digitsOf = ({ type, precision = MAX_PRECISION, scale = 0 }: SyncedColumn) =>
  type === 'integer' ? { before: INTEGER_DIGITS, behind: 0 } : { before: precision - scale, behind: scale };

/** Types that files of both can be read as together, every value exact; undefined where there is none. */
function widened(held: SyncedColumn, now: SyncedColumn): SyncedColumn | undefined {
  const isNumber = ({ type }: SyncedColumn) => type === 'integer' || type === 'decimal';
  if (isNumber(held) && isNumber(now)) {
    const [a, b] = [digitsOf(held), digitsOf(now)];
    const [before, behind] = [Math.max(a.before, b.before), Math.max(a.behind, b.behind)];
    if (before + behind > MAX_PRECISION) return undefined;
    return { ...now, type: 'decimal', precision: before + behind, scale: behind };
  }
  if (held.type === 'date' && now.type === 'timestamp') return now;
  const becomesText: readonly string[] = [
    'integer',
    'decimal',
    'float',
    'boolean',
    'date',
    'time',
    'timestamp',
    'json',
  ];
  if (now.type === 'text' && becomesText.includes(held.type)) return now;
  return undefined;
}

/** DuckDB tells names apart without regard to case: another case is the same column. */
export const sameName = (a: SyncedColumn, b: SyncedColumn) => a.name.toLowerCase() === b.name.toLowerCase();

const typeText = ({ type, precision, scale }: SyncedColumn) =>
  type === 'decimal' ? `decimal(${precision ?? MAX_PRECISION}, ${scale ?? 0})` : type;

/** The type that the dataset has already holds every value of the source's. */
function holds(held: SyncedColumn, now: SyncedColumn): boolean {
  if (held.type !== now.type) return held.type === 'text' && now.type !== 'binary';
  if (held.type !== 'decimal' || now.scale === undefined) return true;
  const [a, b] = [digitsOf(held), digitsOf(now)];
  return a.before >= b.before && a.behind >= b.behind;
}

function refuse(drift: Drift): never {
  const said = [
    ...drift.added.map((name) => `${JSON.stringify(name)} is new`),
    ...drift.dropped.map((name) => `${JSON.stringify(name)} is gone`),
    ...drift.changed.map(({ name, from, to }) => `${JSON.stringify(name)} was ${from} and is ${to}`),
  ];
  throw new AppError(
    'sync.drift',
    `The columns of the source are not those of the dataset: ${said.join(', ')}`,
    {
      params: { ...drift },
    },
  );
}

/**
 * What becomes of the dataset's columns now that the source has `now`. Throws `sync.drift` where the policy is to fail, and where a type
 * changed into one that cannot hold what is there.
 */
export function planDrift(
  held: readonly SyncedColumn[],
  now: readonly SyncedColumn[],
  policy: DriftPolicy,
): DriftPlan {
  const drift: Drift = { added: [], dropped: [], changed: [] };
  const stuck: Drift['changed'] = [];
  const schema = held.map((column) => {
    const found = now.find((each) => sameName(each, column));
    if (!found) {
      drift.dropped.push(column.name);
      return column;
    }
    const kept = { ...column, source: found.source };
    if (holds(column, found)) return kept;
    const change = { name: column.name, from: typeText(column), to: typeText(found) };
    drift.changed.push(change);
    if (policy === 'ignore') return kept;
    const wider = widened(column, found);
    if (!wider) stuck.push(change);
    return wider ? { ...wider, name: column.name } : kept;
  });
  for (const column of now) {
    if (held.some((each) => sameName(each, column))) continue;
    drift.added.push(column.name);
    if (policy !== 'ignore') schema.push(column);
  }
  const isDrift = drift.added.length + drift.dropped.length + drift.changed.length > 0;
  if (isDrift && policy === 'fail') refuse(drift);
  if (stuck.length > 0) refuse({ added: [], dropped: [], changed: stuck });
  return { drift, schema, absent: drift.dropped };
}

export const hasDrift = ({ added, dropped, changed }: Drift) =>
  added.length + dropped.length + changed.length > 0;

/** Columns by which rows up to the checkpoint cannot be told apart, as they were read before. */
export function newColumnsOf(
  checkpoint: Checkpoint | null,
  { added, dropped }: Drift,
): Checkpoint['newColumns'] {
  const before = checkpoint?.newColumns;
  const known = new Set(before?.names);
  if (!checkpoint || [...added, ...dropped].every((name) => known.has(name))) return before;
  return { cursor: checkpoint.cursor, names: [...new Set([...(before?.names ?? []), ...added, ...dropped])] };
}
