import type { Db } from './database.ts';

/** Datasets `d`, each with its current generation `g`. */
export const withCurrent = (db: Db) =>
  db
    .selectFrom('datasets as d')
    .innerJoin('generations as g', (join) =>
      join.onRef('g.dataset_id', '=', 'd.id').onRef('g.generation', '=', 'd.current_generation'),
    );

/** What datasets stand at, for those who watch them. */
export function currentGenerationStore(db: Db) {
  return {
    /** Of those that are there, by id. */
    async of(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom('datasets')
        .select(['id', 'current_generation'])
        .where('id', 'in', [...ids])
        .execute();
      return new Map(rows.map(({ id, current_generation }) => [id, Number(current_generation)]));
    },
  };
}

export type CurrentGenerationStore = ReturnType<typeof currentGenerationStore>;
