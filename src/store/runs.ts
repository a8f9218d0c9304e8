import type { Selectable, Updateable } from 'kysely';
import {
  type NewRun,
  NO_PROGRESS,
  type Progress,
  type Run,
  type RunFault,
  type RunFilter,
  type RunLogLevel,
  type RunLogLine,
  type RunState,
  type RunTrigger,
} from '../domain/run.ts';
import type { Db } from './database.ts';
import { atomically, nextRevision } from './revision.ts';
import type { Tables } from './tables.ts';

export function toRun(row: Selectable<Tables['runs']>): Run {
  return {
    id: row.id,
    kind: row.kind,
    subjectId: row.subject_id,
    trigger: row.trigger_kind as RunTrigger,
    fireId: row.fire_id,
    state: row.state as RunState,
    attempt: row.attempt,
    input: JSON.parse(row.input) as Record<string, unknown>,
    progress: JSON.parse(row.progress) as Progress,
    fault: row.fault === null ? null : (JSON.parse(row.fault) as RunFault),
    result: row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>),
    abortRequested: row.abort_requested === 1,
    claimedBy: row.claimed_by,
    availableAt: row.available_at,
    createdAt: row.created_at,
    createdBy: row.created_by,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

const ABORTED: RunFault = {
  code: 'run.aborted',
  detail: 'The run was aborted before it started',
  step: null,
};

/** Runs as others see them; what their claimants write is in run-claims.ts. Times are ISO text, given by the caller. */
export function runStore(db: Db) {
  /** Changes a queued run; false when it is not queued. */
  const changeQueued = (id: string, change: Updateable<Tables['runs']>) =>
    atomically(db, async (transaction) => {
      const revision = await nextRevision(transaction);
      const { numUpdatedRows } = await transaction
        .updateTable('runs')
        .set({ ...change, revision })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    });

  return {
    /** A run that waits, or one that was skipped for a reason. */
    async insert(id: string, run: NewRun, at: string, skipped?: string): Promise<void> {
      await atomically(db, async (transaction) => {
        const revision = await nextRevision(transaction);
        await transaction
          .insertInto('runs')
          .values({
            ...{ id, kind: run.kind, subject_id: run.subjectId, trigger_kind: run.trigger },
            fire_id: run.fireId ?? null,
            input: JSON.stringify(run.input),
            state: skipped === undefined ? 'queued' : 'skipped',
            ...{ attempt: 0, claim: 0, claimed_by: null, beat: 0, abort_requested: 0 },
            ...{ available_at: run.availableAt ?? at, created_at: at, created_by: run.createdBy },
            ...{ started_at: null, ended_at: skipped === undefined ? null : at },
            progress: JSON.stringify(NO_PROGRESS),
            fault: null,
            result: skipped === undefined ? null : JSON.stringify({ skipped }),
            concurrency_key: run.concurrencyKey ?? null,
            concurrency_limit: run.concurrencyLimit ?? 1,
            revision,
          })
          .execute();
      });
    },

    async byId(id: string): Promise<Run | undefined> {
      const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRun(row);
    },

    /** The newest first, those older than the id `before`. */
    async list(filter: RunFilter, limit: number, before?: string): Promise<Run[]> {
      let query = db.selectFrom('runs').selectAll().orderBy('id', 'desc').limit(limit);
      if (before !== undefined) query = query.where('id', '<', before);
      if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
      if (filter.state !== undefined) query = query.where('state', '=', filter.state);
      if (filter.after !== undefined) query = query.where('id', '>', filter.after);
      if (filter.subject !== undefined) query = query.where('subject_id', '=', filter.subject);
      return (await query.execute()).map(toRun);
    },

    /** Lines past `after`, in order. */
    async log(id: string, limit: number, after = 0): Promise<RunLogLine[]> {
      const rows = await db
        .selectFrom('run_log')
        .selectAll()
        .where('run_id', '=', id)
        .where('line', '>', after)
        .orderBy('line')
        .limit(limit)
        .execute();
      return rows.map(({ line, at, level, text, facts }) => ({
        ...{ line, at, level: level as RunLogLevel, text },
        facts: facts === null ? null : (JSON.parse(facts) as Record<string, unknown>),
      }));
    },

    /** `aborted` where it was waiting, `requested` where it runs, undefined where it has ended. */
    async abort(id: string, at: string): Promise<'aborted' | 'requested' | undefined> {
      const fault = JSON.stringify(ABORTED);
      const change = { state: 'aborted', ended_at: at, abort_requested: 1, fault };
      if (await changeQueued(id, change)) return 'aborted';
      return atomically(db, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('runs')
          .set({ abort_requested: 1 })
          .where('id', '=', id)
          .where('state', '=', 'running')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return undefined;
        const revision = await nextRevision(transaction);
        await transaction.updateTable('runs').set({ revision }).where('id', '=', id).execute();
        return 'requested';
      });
    },

    /** Ends what waits or runs of a subject, as `abort` does. */
    async abortAllOf(subject: string, at: string): Promise<void> {
      const rows = await db
        .selectFrom('runs')
        .select('id')
        .where('subject_id', '=', subject)
        .where('state', 'in', ['queued', 'running'])
        .execute();
      for (const { id } of rows) await this.abort(id, at);
    },

    /** How many are in each state. */
    async counts(): Promise<Partial<Record<RunState, number>>> {
      const rows = await db
        .selectFrom('runs')
        .select(({ fn }) => ['state', fn.countAll<number>().as('n')])
        .groupBy('state')
        .execute();
      return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
    },

    /** Queued runs that could have started before `at`, the longest waiting first. */
    async waitingSince(at: string, limit: number): Promise<Run[]> {
      const rows = await db
        .selectFrom('runs')
        .selectAll()
        .where('state', '=', 'queued')
        .where('available_at', '<=', at)
        .orderBy('available_at')
        .limit(limit)
        .execute();
      return rows.map(toRun);
    },

    /** Of the runs that could start, when the longest waiting one could have. */
    async oldestDue(at: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('runs')
        .select(({ fn }) => fn.min('available_at').as('oldest'))
        .where('state', '=', 'queued')
        .where('available_at', '<=', at)
        .executeTakeFirst();
      return row?.oldest ?? undefined;
    },

    /** Those changed since a revision, in order of their change, and the revision of each. */
    async changedSince(revision: number, limit: number): Promise<{ run: Run; revision: number }[]> {
      const rows = await db
        .selectFrom('runs')
        .selectAll()
        .where('revision', '>', revision)
        .orderBy('revision')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ run: toRun(row), revision: Number(row.revision) }));
    },

    async revision(): Promise<number> {
      const row = await db
        .selectFrom('counters')
        .select('value')
        .where('name', '=', 'runs')
        .executeTakeFirst();
      return Number(row?.value ?? 0);
    },

    /** Removes runs that ended before `at`, with their log; gives how many, at most `limit`. */
    async removeEnded(at: string, limit: number): Promise<number> {
      const result = await db
        .deleteFrom('runs')
        .where('id', 'in', (query) =>
          query
            .selectFrom('runs')
            .select('id')
            .where('ended_at', '<', at)
            .where('state', 'not in', ['queued', 'running'])
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

export type RunStore = ReturnType<typeof runStore>;
