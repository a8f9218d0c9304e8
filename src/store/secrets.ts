import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import { uniquely } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** A secret as it is kept. */
export interface SecretRecord {
  id: string;
  name: string;
  description: string;
  sealed: string;
  hosts: readonly string[];
  version: number;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

const toRecord = (row: Selectable<Tables['secrets']>): SecretRecord => ({
  id: row.id,
  name: row.name,
  description: row.description,
  sealed: row.sealed,
  hosts: JSON.parse(row.hosts) as string[],
  version: row.version,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
});

/** Secrets by name. Times are ISO text, given by the caller. */
export function secretStore(db: Db) {
  return {
    async find(nameOrId: string): Promise<SecretRecord | undefined> {
      const rows = await db
        .selectFrom('secrets')
        .selectAll()
        .where((where) => where.or([where('id', '=', nameOrId), where('name', '=', nameOrId)]))
        .execute();
      const row = rows.find(({ id }) => id === nameOrId) ?? rows[0];
      return row && toRecord(row);
    },

    async byName(name: string): Promise<SecretRecord | undefined> {
      const row = await db.selectFrom('secrets').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toRecord(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<SecretRecord[]> {
      let query = db.selectFrom('secrets').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toRecord);
    },

    /** Throws AppError `resource.conflict` when the name is taken. */
    async insert(made: SecretRecord): Promise<void> {
      await uniquely('secret', made.name, () =>
        db
          .insertInto('secrets')
          .values({
            id: made.id,
            name: made.name,
            description: made.description,
            sealed: made.sealed,
            hosts: JSON.stringify(made.hosts),
            version: made.version,
            created_at: made.createdAt,
            created_by: made.createdBy,
            updated_at: made.updatedAt,
          })
          .execute(),
      );
    },

    async update(changed: SecretRecord): Promise<void> {
      await db
        .updateTable('secrets')
        .set({
          description: changed.description,
          sealed: changed.sealed,
          hosts: JSON.stringify(changed.hosts),
          version: changed.version,
          updated_at: changed.updatedAt,
        })
        .where('id', '=', changed.id)
        .execute();
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('secrets').where('id', '=', id).execute();
    },

    /** Every sealed value. */
    async sealed(): Promise<{ id: string; sealed: string }[]> {
      return db.selectFrom('secrets').select(['id', 'sealed']).orderBy('id').execute();
    },

    /** The same value sealed otherwise: the version stays. */
    async replaceSealed(id: string, sealed: string): Promise<void> {
      await db.updateTable('secrets').set({ sealed }).where('id', '=', id).execute();
    },
  };
}

export type SecretStore = ReturnType<typeof secretStore>;
