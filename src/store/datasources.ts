import type { Selectable } from 'kysely';
import type { DatasourceSettings, ServerFacts, SourceEngine } from '../domain/datasource.ts';
import type { Db } from './database.ts';
import { uniquely } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** Secret field → sealed text. */
export type SealedSecrets = Readonly<Record<string, string>>;

/** A datasource as it is kept: settings without secrets, secrets sealed. */
export interface DatasourceRecord {
  id: string;
  name: string;
  type: SourceEngine;
  description: string;
  settings: DatasourceSettings;
  secrets: SealedSecrets;
  version: number;
  /** Undefined until the server of these settings was asked. */
  facts: ServerFacts | undefined;
  createdAt: string;
  createdBy: string | null;
  updatedAt: string;
}

const toRecord = (row: Selectable<Tables['datasources']>): DatasourceRecord => ({
  id: row.id,
  name: row.name,
  type: row.type as SourceEngine,
  description: row.description,
  settings: JSON.parse(row.settings) as DatasourceSettings,
  secrets: JSON.parse(row.secrets) as SealedSecrets,
  version: row.version,
  facts:
    row.facts !== null && row.facts_version === row.version
      ? (JSON.parse(row.facts) as ServerFacts)
      : undefined,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
});

/** Databases that reports are made from. Times are ISO text, given by the caller. */
export function datasourceStore(db: Db) {
  return {
    async byId(id: string): Promise<DatasourceRecord | undefined> {
      const row = await db.selectFrom('datasources').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },

    async byName(name: string): Promise<DatasourceRecord | undefined> {
      const row = await db.selectFrom('datasources').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toRecord(row);
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<DatasourceRecord[]> {
      let query = db.selectFrom('datasources').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toRecord);
    },

    /** Throws AppError `resource.conflict` when the name is taken. */
    async insert(made: DatasourceRecord): Promise<void> {
      await uniquely('datasource', made.name, () =>
        db
          .insertInto('datasources')
          .values({
            id: made.id,
            name: made.name,
            type: made.type,
            description: made.description,
            settings: JSON.stringify(made.settings),
            secrets: JSON.stringify(made.secrets),
            version: made.version,
            facts: null,
            facts_version: 0,
            created_at: made.createdAt,
            created_by: made.createdBy,
            updated_at: made.updatedAt,
          })
          .execute(),
      );
    },

    /** Throws AppError `resource.conflict` when the name is taken. */
    async update(changed: DatasourceRecord): Promise<void> {
      await uniquely('datasource', changed.name, () =>
        db
          .updateTable('datasources')
          .set({
            name: changed.name,
            description: changed.description,
            settings: JSON.stringify(changed.settings),
            secrets: JSON.stringify(changed.secrets),
            version: changed.version,
            updated_at: changed.updatedAt,
          })
          .where('id', '=', changed.id)
          .execute(),
      );
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('datasources').where('id', '=', id).execute();
    },

    /** What the server of that version's settings said; dropped when the settings have changed since. */
    async keepFacts(id: string, version: number, facts: ServerFacts): Promise<void> {
      await db
        .updateTable('datasources')
        .set({ facts: JSON.stringify(facts), facts_version: version })
        .where('id', '=', id)
        .where('version', '=', version)
        .execute();
    },

    /** Every datasource's secrets. */
    async secrets(): Promise<{ id: string; secrets: SealedSecrets }[]> {
      const rows = await db.selectFrom('datasources').select(['id', 'secrets']).orderBy('id').execute();
      return rows.map(({ id, secrets }) => ({ id, secrets: JSON.parse(secrets) as SealedSecrets }));
    },

    /** The same secrets sealed otherwise: the version stays. */
    async replaceSecrets(id: string, secrets: SealedSecrets): Promise<void> {
      const text = JSON.stringify(secrets);
      await db.updateTable('datasources').set({ secrets: text }).where('id', '=', id).execute();
    },
  };
}

export type DatasourceStore = ReturnType<typeof datasourceStore>;
