import type { Selectable } from 'kysely';
import type { Calendar } from '../domain/calendar.ts';
import type { Db } from './database.ts';
import { uniquely } from './store-errors.ts';
import type { Tables } from './tables.ts';

const toCalendar = (row: Selectable<Tables['calendars']>): Calendar => ({
  ...(JSON.parse(row.definition) as Pick<Calendar, 'weekend' | 'holidays' | 'weekStart' | 'fiscalYearStart'>),
  id: row.id,
  name: row.name,
  isDefault: row.is_default === 1,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

function toRow({ id, name, isDefault, version, createdAt, updatedAt, ...definition }: Calendar) {
  return {
    ...{ id, name, version, is_default: isDefault ? 1 : 0, definition: JSON.stringify(definition) },
    ...{ created_at: createdAt, updated_at: updatedAt },
  };
}

/** Calendars; at most one is the default. Times are ISO text, given by the caller. */
export function calendarStore(db: Db) {
  const onlyDefault = async ({ id, isDefault }: Calendar) => {
    if (isDefault) await db.updateTable('calendars').set({ is_default: 0 }).where('id', '<>', id).execute();
  };

  return {
    async find(nameOrId: string): Promise<Calendar | undefined> {
      const row =
        (await db.selectFrom('calendars').selectAll().where('id', '=', nameOrId).executeTakeFirst()) ??
        (await db.selectFrom('calendars').selectAll().where('name', '=', nameOrId).executeTakeFirst());
      return row && toCalendar(row);
    },

    async default(): Promise<Calendar | undefined> {
      const row = await db
        .selectFrom('calendars')
        .selectAll()
        .where('is_default', '=', 1)
        .limit(1)
        .executeTakeFirst();
      return row && toCalendar(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<Calendar[]> {
      let query = db.selectFrom('calendars').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toCalendar);
    },

    /** In a transaction. Throws AppError `resource.conflict` when the name is taken. */
    async insert(made: Calendar, createdBy: string | null): Promise<void> {
      const values = { ...toRow(made), created_by: createdBy };
      await uniquely('calendar', made.name, () => db.insertInto('calendars').values(values).execute());
      await onlyDefault(made);
    },

    /** In a transaction. Throws AppError `resource.conflict` when the name is taken. */
    async update(changed: Calendar): Promise<void> {
      await uniquely('calendar', changed.name, () =>
        db.updateTable('calendars').set(toRow(changed)).where('id', '=', changed.id).execute(),
      );
      await onlyDefault(changed);
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('calendars').where('id', '=', id).execute();
    },
  };
}

export type CalendarStore = ReturnType<typeof calendarStore>;
