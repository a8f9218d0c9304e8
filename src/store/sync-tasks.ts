import type { Selectable } from 'kysely';
import { AppError } from '../base/errors.ts';
import type { Checkpoint, SyncTask, SyncTaskInput } from '../domain/sync-task.ts';
import type { Db } from './database.ts';
import { isUniqueViolation } from './store-errors.ts';
import type { Tables } from './tables.ts';

type Row = Selectable<Tables['sync_tasks']>;
type Definition = Omit<SyncTaskInput, 'name' | 'description' | 'dataset'>;

const toTask = (row: Row): SyncTask => {
  const definition = JSON.parse(row.definition) as Definition;
  return {
    ...{ id: row.id, name: row.name, description: row.description, dataset: row.dataset_name },
    ...definition,
    drift: definition.drift ?? 'add',
    datasetId: row.dataset_id,
    checkpoint: row.checkpoint === null ? null : (JSON.parse(row.checkpoint) as Checkpoint),
    version: row.version,
    ...{ createdAt: row.created_at, createdBy: row.created_by, updatedAt: row.updated_at },
  };
};

function definitionOf(task: SyncTask): string {
  const {
    id,
    name,
    description,
    dataset,
    datasetId,
    checkpoint,
    version,
    createdAt,
    createdBy,
    updatedAt,
    ...definition
  } = task;
  return JSON.stringify(definition satisfies Definition);
}

async function uniquely<T>({ name, dataset }: SyncTask, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    const isName = /sync_tasks[._]name/.test(String((cause as Error).message));
    throw new AppError(
      'resource.conflict',
      isName
        ? `There is a sync task named ${JSON.stringify(name)} already`
        : `The dataset ${JSON.stringify(dataset)} belongs to another sync task`,
      { pointer: isName ? '/name' : '/dataset', params: isName ? { name } : { dataset }, cause },
    );
  }
}

/** Tasks that keep datasets fresh. Times are ISO text, given by the caller. */
export function syncTaskStore(db: Db) {
  return {
    async byId(id: string): Promise<SyncTask | undefined> {
      const row = await db.selectFrom('sync_tasks').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toTask(row);
    },

    async byName(name: string): Promise<SyncTask | undefined> {
      const row = await db.selectFrom('sync_tasks').selectAll().where('name', '=', name).executeTakeFirst();
      return row && toTask(row);
    },

    /** The task whose dataset it is: that of this id, or of this name where the dataset is yet to be made. */
    async ownerOf(datasetId: string | undefined, name: string | undefined): Promise<SyncTask | undefined> {
      const row = await db
        .selectFrom('sync_tasks')
        .selectAll()
        .where((where) =>
          where.or([
            ...(datasetId === undefined ? [] : [where('dataset_id', '=', datasetId)]),
            ...(name === undefined
              ? []
              : [where.and([where('dataset_name', '=', name), where('dataset_id', 'is', null)])]),
          ]),
        )
        .executeTakeFirst();
      return row && toTask(row);
    },

    /** The first tasks that read a datasource by any of these names, at most `limit`. */
    async readersOf(datasource: readonly string[], limit: number): Promise<{ id: string; name: string }[]> {
      const rows = await db
        .selectFrom('sync_tasks')
        .select(['id', 'name', 'definition'])
        .orderBy('id')
        .execute();
      return rows
        .filter(({ definition }) => {
          const { source } = JSON.parse(definition) as Definition;
          return 'datasource' in source && datasource.includes(source.datasource);
        })
        .slice(0, limit)
        .map(({ id, name }) => ({ id, name }));
    },

    /** The names of all tasks, and when each or its dataset was last changed. */
    async freshness(): Promise<{ id: string; name: string; changedAt: string }[]> {
      return db
        .selectFrom('sync_tasks as t')
        .leftJoin('datasets as d', 'd.id', 't.dataset_id')
        .select(({ fn }) => ['t.id', 't.name', fn.coalesce('d.updated_at', 't.created_at').as('changedAt')])
        .orderBy('t.id')
        .execute();
    },

    /** In order of their making, those after the id `after`. */
    async list(limit: number, after?: string): Promise<SyncTask[]> {
      let query = db.selectFrom('sync_tasks').selectAll().orderBy('id').limit(limit);
      if (after !== undefined) query = query.where('id', '>', after);
      return (await query.execute()).map(toTask);
    },

    /** Throws AppError `resource.conflict` when the name or the dataset is taken. */
    async insert(task: SyncTask): Promise<void> {
      await uniquely(task, () =>
        db
          .insertInto('sync_tasks')
          .values({
            id: task.id,
            name: task.name,
            description: task.description,
            definition: definitionOf(task),
            dataset_name: task.dataset,
            dataset_id: task.datasetId,
            checkpoint: null,
            version: task.version,
            created_at: task.createdAt,
            created_by: task.createdBy,
            updated_at: task.updatedAt,
          })
          .execute(),
      );
    },

    /** Everything but checkpoint and version. Throws AppError `resource.conflict` as `insert`. */
    async update(task: SyncTask): Promise<void> {
      await uniquely(task, () =>
        db
          .updateTable('sync_tasks')
          .set({
            name: task.name,
            description: task.description,
            definition: definitionOf(task),
            dataset_name: task.dataset,
            dataset_id: task.datasetId,
            updated_at: task.updatedAt,
          })
          .where('id', '=', task.id)
          .execute(),
      );
    },

    /** Says whether the task is there, and still of this version. */
    async keepCheckpoint(
      { id, version }: Pick<SyncTask, 'id' | 'version'>,
      { checkpoint, datasetId }: { checkpoint: Checkpoint; datasetId: string },
    ): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('sync_tasks')
        .set({
          checkpoint: JSON.stringify(checkpoint),
          dataset_id: datasetId,
        })
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    /** Runs that began before write no checkpoint any more. */
    async dropCheckpoint(id: string, at: string): Promise<void> {
      await db
        .updateTable('sync_tasks')
        .set(({ eb }) => ({ checkpoint: null, updated_at: at, version: eb('version', '+', 1) }))
        .where('id', '=', id)
        .execute();
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('sync_tasks').where('id', '=', id).execute();
    },
  };
}

export type SyncTaskStore = ReturnType<typeof syncTaskStore>;

/** Generations that tasks keep of their datasets, by the dataset's id; those with no number of their own are left out. */
export async function keptByTasks(db: Db): Promise<Map<string, number>> {
  const rows = await db.selectFrom('sync_tasks').select(['dataset_id', 'definition']).execute();
  return new Map(
    rows.flatMap(({ dataset_id, definition }) => {
      const { keep } = JSON.parse(definition) as Definition;
      return dataset_id === null || keep === undefined ? [] : [[dataset_id, keep + 1] as const];
    }),
  );
}
