import type { Selectable } from 'kysely';
import type { Fire, Schedule, ScheduleDefinition } from '../domain/schedule.ts';
import type { Db } from './database.ts';
import { uniquely } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** A schedule as it is kept, with its place in time. */
export interface ScheduleRecord extends Omit<Schedule, keyof ScheduleDefinition> {
  definition: ScheduleDefinition;
  subjectId: string | null;
  /** The instant behind `nextAt`, which has jitter. */
  nextInstant: string | null;
}

export interface NewFire extends Fire {
  token: number;
}

const toRecord = (row: Selectable<Tables['schedules']>): ScheduleRecord => ({
  id: row.id,
  definition: JSON.parse(row.definition) as ScheduleDefinition,
  enabled: row.enabled === 1,
  version: row.version,
  subjectId: row.subject_id,
  nextAt: row.next_at,
  nextInstant: row.next_instant,
  lastInstant: row.last_instant,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
});

const toRow = (schedule: ScheduleRecord): Omit<Selectable<Tables['schedules']>, 'last_instant'> => ({
  id: schedule.id,
  name: schedule.definition.name,
  definition: JSON.stringify(schedule.definition),
  enabled: schedule.enabled ? 1 : 0,
  version: schedule.version,
  job_kind: schedule.definition.job.kind,
  subject_id: schedule.subjectId,
  next_at: schedule.nextAt,
  next_instant: schedule.nextInstant,
  created_at: schedule.createdAt,
  created_by: schedule.createdBy,
  updated_at: schedule.updatedAt,
});

/** Schedules and their fires. Times are ISO text, given by the caller. */
export function scheduleStore(db: Db) {
  return {
    async find(nameOrId: string): Promise<ScheduleRecord | undefined> {
      const row =
        (await db.selectFrom('schedules').selectAll().where('id', '=', nameOrId).executeTakeFirst()) ??
        (await db.selectFrom('schedules').selectAll().where('name', '=', nameOrId).executeTakeFirst());
      return row && toRecord(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<ScheduleRecord[]> {
      let query = db.selectFrom('schedules').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toRecord);
    },

    /** Throws AppError `resource.conflict` when the name is taken. */
    async insert(made: ScheduleRecord): Promise<void> {
      const values = { ...toRow(made), last_instant: null };
      await uniquely('schedule', made.definition.name, () =>
        db.insertInto('schedules').values(values).execute(),
      );
    },

    /** Replaces the schedule of the version before; false when it has another one. */
    async update(changed: ScheduleRecord): Promise<boolean> {
      const { numUpdatedRows } = await uniquely('schedule', changed.definition.name, () =>
        db
          .updateTable('schedules')
          .set(toRow(changed))
          .where('id', '=', changed.id)
          .where('version', '=', changed.version - 1)
          .executeTakeFirst(),
      );
      return numUpdatedRows === 1n;
    },

    async remove(id: string): Promise<boolean> {
      const { numDeletedRows } = await db.deleteFrom('schedules').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },

    /** Those that are due, the longest due first. */
    async due(at: string, limit: number): Promise<ScheduleRecord[]> {
      const rows = await db
        .selectFrom('schedules')
        .selectAll()
        .where('enabled', '=', 1)
        .where('next_at', '<=', at)
        .orderBy('next_at')
        .limit(limit)
        .execute();
      return rows.map(toRecord);
    },

    /** Moves on from the instant that was next; false when the schedule was changed meanwhile. */
    async advance(
      from: ScheduleRecord,
      to: { nextAt: string | null; nextInstant: string | null; lastInstant: string },
    ): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('schedules')
        .set({ next_at: to.nextAt, next_instant: to.nextInstant, last_instant: to.lastInstant })
        .where('id', '=', from.id)
        .where('version', '=', from.version)
        .where('next_instant', '=', from.nextInstant)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    /** False when the instant has its fire already. */
    async addFire(fire: NewFire): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('fires')
        .values({
          ...{ id: fire.id, schedule_id: fire.scheduleId, instant: fire.instant, outcome: fire.outcome },
          ...{ reason: fire.reason, count: fire.count, run_id: fire.runId, fired_at: fire.firedAt },
          token: fire.token,
        })
        .onConflict((conflict) => conflict.columns(['schedule_id', 'instant']).doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    /** A schedule's fires, the latest instants first, those before the instant `before`. */
    async fires(scheduleId: string, limit: number, before?: string): Promise<Fire[]> {
      let query = db
        .selectFrom('fires')
        .selectAll()
        .where('schedule_id', '=', scheduleId)
        .orderBy('instant', 'desc')
        .limit(limit);
      if (before !== undefined) query = query.where('instant', '<', before);
      const rows = await query.execute();
      return rows.map((row) => ({
        ...{ id: row.id, scheduleId: row.schedule_id, instant: row.instant },
        ...{ outcome: row.outcome as Fire['outcome'], reason: row.reason, count: row.count },
        ...{ runId: row.run_id, firedAt: row.fired_at },
      }));
    },

    /** Whether a run of the schedule still waits to be started. */
    async hasWaitingRun(scheduleId: string): Promise<boolean> {
      const row = await db
        .selectFrom('fires as f')
        .innerJoin('runs as r', 'r.id', 'f.run_id')
        .select('r.id')
        .where('f.schedule_id', '=', scheduleId)
        .where('r.state', '=', 'queued')
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async removeFires(before: string): Promise<void> {
      await db.deleteFrom('fires').where('fired_at', '<', before).where('instant', '<', before).execute();
    },

    async count(): Promise<{ enabled: number; paused: number }> {
      const rows = await db
        .selectFrom('schedules')
        .select(({ fn }) => ['enabled', fn.countAll<number>().as('n')])
        .groupBy('enabled')
        .execute();
      const of = (enabled: number) => Number(rows.find((row) => row.enabled === enabled)?.n ?? 0);
      return { enabled: of(1), paused: of(0) };
    },
  };
}

export type ScheduleStore = ReturnType<typeof scheduleStore>;
