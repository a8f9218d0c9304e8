import { AppError } from '../../base/errors.ts';
import { cursorBound } from '../../domain/cursor-value.ts';
import type { SyncedColumn, SyncRunInput, SyncTask } from '../../domain/sync-task.ts';

/** What of the cursor is to be read anew, both ends inside; null for an open end. */
export interface BackfillRange {
  cursor: SyncedColumn;
  from: string | null;
  to: string | null;
}

const invalid = (at: string, detail: string) =>
  new AppError('request.invalid', detail, { pointer: `/backfill${at}` });

/** The range that somebody asked for. Throws `request.invalid` where the task follows no cursor, has not run yet, or an end is no value of it. */
export function backfillRange(
  { mode, cursor: followed, checkpoint }: Pick<SyncTask, 'mode' | 'cursor' | 'checkpoint'>,
  asked: NonNullable<SyncRunInput['backfill']>,
): BackfillRange {
  if (mode !== 'incremental' || !followed)
    throw invalid('', '/backfill goes with the mode incremental and a cursor');
  const cursor = checkpoint?.schema.find(({ name }) => name === followed.column);
  if (!cursor) throw invalid('', 'There is nothing to fill before the first run');
  const bound = (end: 'from' | 'to') => {
    const text = asked[end];
    if (text === undefined) return null;
    const found = cursorBound(text, cursor, end);
    if (found !== undefined) return found;
    const digits = cursor.type === 'decimal' ? ` with ${cursor.scale ?? 0} digits after the point` : '';
    throw invalid(
      `/${end}`,
      `/backfill/${end} must be a value of ${JSON.stringify(cursor.name)}: ${cursor.type}${digits}`,
    );
  };
  return { cursor, from: bound('from'), to: bound('to') };
}
