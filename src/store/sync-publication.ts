import { AppError } from '../base/errors.ts';
import { type FaultPoints, NO_FAULTS } from '../base/fault-point.ts';
import type { Claim } from '../domain/run.ts';
import type { Checkpoint, SyncTask } from '../domain/sync-task.ts';
import { withCurrent } from './current-generations.ts';
import type { Db } from './database.ts';
import { generationRow, type NewDataset, type NewGeneration } from './dataset-rows.ts';
import { fence } from './fence.ts';
import { pathsOf, pruneDataset, retirePaths, unlisted } from './retire.ts';
import { isUniqueViolation } from './store-errors.ts';
import { syncTaskStore } from './sync-tasks.ts';

/** What a dataset is at the moment. */
export interface Base {
  generation: number;
  files: readonly string[];
}

export interface Publication {
  claim: Claim;
  task: Pick<SyncTask, 'id' | 'version'>;
  dataset: NewDataset;
  /** What the new generation was built upon; undefined makes the dataset. */
  base: Base | undefined;
  /** Undefined where the rows stay as they are, and only the checkpoint moves. */
  generation: NewGeneration | undefined;
  checkpoint: Checkpoint;
  /** Generations that are kept, the new one among them. */
  keep: number;
  at: string;
}

/** The dataset is not any more what a generation was built upon: build it anew. */
export class BaseMoved extends Error {}

async function moveTo(tx: Db, { dataset, base, generation, at }: Publication): Promise<void> {
  if (!generation) return;
  if (!base) {
    await tx
      .insertInto('datasets')
      .values({
        id: dataset.id,
        name: dataset.name,
        description: dataset.description,
        current_generation: generation.generation,
        created_at: at,
        created_by: dataset.createdBy,
        updated_at: at,
      })
      .execute();
  } else {
    const { numUpdatedRows } = await tx
      .updateTable('datasets')
      .set({ current_generation: generation.generation, updated_at: at })
      .where('id', '=', dataset.id)
      .where('current_generation', '=', base.generation)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('generations')
            .select('generation')
            .where('dataset_id', '=', dataset.id)
            .where('generation', '=', base.generation)
            .where('files', '=', JSON.stringify(base.files)),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new BaseMoved();
  }
  await tx
    .insertInto('generations')
    .values(generationRow(dataset.id, generation, at))
    .execute();
}

/** A generation and the checkpoint that tells of it, in one: as long as the run is the claimant's. */
export async function publishSynced(
  db: Db,
  publication: Publication,
  faults: FaultPoints = NO_FAULTS,
): Promise<void> {
  const { claim, task, dataset, generation, checkpoint, keep, at } = publication;
  try {
    await db.transaction().execute(async (tx) => {
      await fence(tx, claim);
      const isThere = await syncTaskStore(tx).keepCheckpoint(task, { checkpoint, datasetId: dataset.id });
      if (!isThere)
        throw new AppError('resource.conflict', 'The sync task was changed or deleted while it ran');
      await faults.reach('checkpoint.within');
      await moveTo(tx, publication);
      if (generation)
        await pruneDataset(tx, { id: dataset.id, current_generation: generation.generation }, keep, at);
      await faults.reach('publish.within');
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError(
      'resource.conflict',
      `There is a dataset named ${JSON.stringify(dataset.name)} by now`,
      { pointer: '/dataset', cause: error },
    );
  }
}

export interface Merged {
  /** Files of the dataset's current generation. */
  from: readonly string[];
  /** The one that has their rows, and the bytes by which the dataset grew. */
  to: string;
  bytes: number;
}

/**
 * Puts a file in the place of others with the same rows, in the current generation: it stays the same version of the data. It may be a later one
 * than that whose files were merged, as increments keep the files of before. Says false where one of them is not in it any more.
 */
export async function mergeFiles(
  db: Db,
  datasetId: string,
  merged: Merged,
  at: string,
  faults: FaultPoints = NO_FAULTS,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = await withCurrent(tx)
      .select(['g.dataset_id', 'g.generation', 'g.files', 'g.bytes'])
      .where('d.id', '=', datasetId)
      .executeTakeFirst();
    if (!row) return false;
    const files = JSON.parse(row.files) as string[];
    const from = new Set(merged.from);
    if (files.filter((file) => from.has(file)).length < from.size) return false;
    const after = files.flatMap((file) =>
      file === merged.from[0] ? [merged.to] : from.has(file) ? [] : [file],
    );
    await tx
      .updateTable('generations')
      .set({ files: JSON.stringify(after), bytes: row.bytes + merged.bytes })
      .where('dataset_id', '=', datasetId)
      .where('generation', '=', row.generation)
      .execute();
    await retirePaths(tx, await unlisted(tx, datasetId, pathsOf(row)), at);
    await faults.reach('compact.within');
    return true;
  });
}
