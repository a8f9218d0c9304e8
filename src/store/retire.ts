import { originalName, rejectedName } from '../domain/dataset.ts';
import type { Db } from './database.ts';
import { keptByTasks } from './sync-tasks.ts';

interface Listing {
  dataset_id: string;
  generation: number;
  files: string;
}

/** Files of a generation, as `<dataset id>/<name>`. */
export function pathsOf({ dataset_id, generation, files }: Listing): string[] {
  const names = [...(JSON.parse(files) as string[]), rejectedName(generation), originalName(generation)];
  return names.map((name) => `${dataset_id}/${name}`);
}

/** Lets files go after the grace time. */
export async function retirePaths(tx: Db, paths: Iterable<string>, at: string): Promise<void> {
  for (const path of paths)
    await tx
      .insertInto('retired_files')
      .values({ path, retired_at: at })
      .onConflict((conflict) => conflict.column('path').doUpdateSet({ retired_at: at }))
      .execute();
}

/** Those of `paths` that no generation of the dataset lists. */
export async function unlisted(tx: Db, datasetId: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const rows = await tx
    .selectFrom('generations')
    .select(['dataset_id', 'generation', 'files'])
    .where('dataset_id', '=', datasetId)
    .execute();
  const listed = new Set(rows.flatMap(pathsOf));
  return paths.filter((path) => !listed.has(path));
}

/** Drops generations of a dataset but the current one and the newest `keep`, and retires the files that only they listed. */
export async function pruneDataset(
  tx: Db,
  dataset: { id: string; current_generation: number },
  keep: number,
  at: string,
): Promise<void> {
  const rows = await tx
    .selectFrom('generations')
    .select(['dataset_id', 'generation', 'files'])
    .where('dataset_id', '=', dataset.id)
    .orderBy('generation', 'desc')
    .execute();
  const old = rows.slice(keep).filter(({ generation }) => generation !== dataset.current_generation);
  if (old.length === 0) return;
  for (const { generation } of old)
    await tx
      .deleteFrom('generations')
      .where('dataset_id', '=', dataset.id)
      .where('generation', '=', generation)
      .execute();
  await retirePaths(tx, await unlisted(tx, dataset.id, old.flatMap(pathsOf)), at);
}

/**
 * Drops generations of all datasets but the current one and the newest `keep` (or those that its sync task keeps); files that only they list go
 * after the grace time.
 */
export async function pruneAll(db: Db, keep: number, at: string): Promise<void> {
  const several = await db
    .selectFrom('generations')
    .select(({ fn }) => ['dataset_id', fn.countAll<number>().as('count')])
    .groupBy('dataset_id')
    .having(({ fn }) => fn.countAll(), '>', 1)
    .execute();
  const kept = await keptByTasks(db);
  for (const { dataset_id: id, count } of several) {
    const most = kept.get(id) ?? keep;
    if (Number(count) > most) await pruneOne(db, id, most, at);
  }
}

/** In a transaction of its own: those who wait to write come in between. */
async function pruneOne(db: Db, id: string, keep: number, at: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const dataset = await tx
      .selectFrom('datasets')
      .select(['id', 'current_generation'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (dataset) await pruneDataset(tx, dataset, keep, at);
  });
}
