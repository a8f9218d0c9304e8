import type { Selectable } from 'kysely';
import type { ModelDefinition } from '../domain/model.ts';
import type { Db } from './database.ts';
import { uniquely } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** A model as it is kept. */
export interface ModelRecord {
  id: string;
  name: string;
  description: string;
  definition: ModelDefinition;
  version: number;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

const toRecord = (row: Selectable<Tables['models']>): ModelRecord => ({
  id: row.id,
  name: row.name,
  description: row.description,
  definition: JSON.parse(row.definition) as ModelDefinition,
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
});

/** Models. Times are ISO text, given by the caller. */
export function modelStore(db: Db) {
  return {
    async byId(id: string): Promise<ModelRecord | undefined> {
      const row = await db.selectFrom('models').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },

    async byName(name: string): Promise<ModelRecord | undefined> {
      const row = await db.selectFrom('models').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toRecord(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<ModelRecord[]> {
      let query = db.selectFrom('models').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toRecord);
    },

    /** Throws AppError `resource.conflict` when the name is taken. */
    async insert(made: ModelRecord): Promise<void> {
      await uniquely('model', made.name, () =>
        db
          .insertInto('models')
          .values({
            id: made.id,
            name: made.name,
            description: made.description,
            definition: JSON.stringify(made.definition),
            version: made.version,
            created_at: made.createdAt,
            created_by: made.createdBy,
            updated_at: made.updatedAt,
          })
          .execute(),
      );
    },

    /**
     * Puts `changed` in the place of the record with its id, if that is still of `version` and of `updatedAt`; false when it is not. Throws
     * AppError `resource.conflict` when the name is taken.
     */
    async update(changed: ModelRecord, before: Pick<ModelRecord, 'version' | 'updatedAt'>): Promise<boolean> {
      const { numUpdatedRows } = await uniquely('model', changed.name, () =>
        db
          .updateTable('models')
          .set({
            name: changed.name,
            description: changed.description,
            definition: JSON.stringify(changed.definition),
            version: changed.version,
            updated_at: changed.updatedAt,
          })
          .where('id', '=', changed.id)
          .where('version', '=', before.version)
          .where('updated_at', '=', before.updatedAt)
          .executeTakeFirstOrThrow(),
      );
      return numUpdatedRows === 1n;
    },

    /** False when there is none of that id. */
    async remove(id: string): Promise<boolean> {
      const { numDeletedRows } = await db.deleteFrom('models').where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    },
  };
}

export type ModelStore = ReturnType<typeof modelStore>;
