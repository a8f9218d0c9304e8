import { AppError } from '../base/errors.ts';
import type { Column } from '../domain/column.ts';
import type { Dataset, DatasetSource, Generation } from '../domain/dataset.ts';
import type { Origin } from '../domain/upload.ts';
import { withCurrent } from './current-generations.ts';
import type { Db } from './database.ts';
import {
  type DatasetRow,
  type GenerationRow,
  generationRow,
  type NewDataset,
  type NewGeneration,
  toDataset,
  toGeneration,
} from './dataset-rows.ts';
import { pathsOf, pruneAll, retirePaths } from './retire.ts';
import { isUniqueViolation, uniquely } from './store-errors.ts';
import { Unchanged } from './unchanged.ts';

/** Another upload has the number. */
export class GenerationTaken extends AppError {
  constructor(cause: unknown) {
    super('resource.conflict', 'Another upload took the same generation; send it again', { cause });
  }
}

/** Where the file of a generation stands; `file` is a name of ours. */
export type PathOf = (datasetId: string, file: string) => string;

/** The metadata of datasets and their generations. Times are ISO text, given by the caller. */
export class DatasetStore {
  readonly #resolved = new Unchanged<DatasetSource>();

  constructor(
    readonly db: Db,
    readonly pathOf: PathOf,
  ) {}

  /** By id, else by exact name. Throws `resource.notFound` with the pointer given. */
  async find(nameOrId: string, pointer?: string): Promise<Dataset> {
    const row = await this.#row(nameOrId, pointer);
    return toDataset(row, await this.#generation(row.id, row.current_generation));
  }

  /** What a query reads: the current generation of a dataset, by id or name. The same object as long as the metadata did not change. */
  async resolve(nameOrId: string, pointer?: string): Promise<DatasetSource> {
    const mark = this.db.mark?.();
    const known = this.#resolved.get(nameOrId, mark);
    if (known) return known;
    const found = await this.#resolve(nameOrId, pointer);
    this.#resolved.set(nameOrId, found, mark);
    return found;
  }

  async #resolve(nameOrId: string, pointer: string | undefined): Promise<DatasetSource> {
    const rows = await this.#current()
      .selectAll('g')
      .select(['d.id', 'd.name'])
      .where((where) => where.or([where('d.id', '=', nameOrId), where('d.name', '=', nameOrId)]))
      .execute();
    const row = rows.find(({ id }) => id === nameOrId) ?? rows[0];
    if (!row) throw datasetMissing(nameOrId, pointer);
    return this.#source(row, row);
  }

  /** The current generations of all datasets, by name. */
  async sources(): Promise<DatasetSource[]> {
    const rows = await this.#current().selectAll('g').select(['d.id', 'd.name']).orderBy('d.name').execute();
    return rows.map((row) => this.#source(row, row));
  }

  /** Where the files of all current generations are, by the name of the dataset. */
  async placed(): Promise<Pick<DatasetSource, 'id' | 'name' | 'files'>[]> {
    const rows = await this.#current().select(['d.id', 'd.name', 'g.files']).orderBy('d.name').execute();
    return rows.map(({ id, name, files }) => ({ id, name, files: this.#pathsOf(id, files) }));
  }

  /** When a dataset was last made, changed or removed, or files of one replaced; undefined where nothing tells of it any more. */
  async lastChangeAt(): Promise<string | undefined> {
    const { db } = this;
    const changed = await db
      .selectFrom('datasets')
      .select(({ fn }) => fn.max('updated_at').as('at'))
      .executeTakeFirst();
    const retired = await db
      .selectFrom('retired_files')
      .select(({ fn }) => fn.max('retired_at').as('at'))
      .executeTakeFirst();
    const times = [changed?.at, retired?.at].filter((at) => typeof at === 'string');
    return times.sort().at(-1);
  }

  async hasName(name: string): Promise<boolean> {
    const row = await this.db.selectFrom('datasets').select('id').where('name', '=', name).executeTakeFirst();
    return row !== undefined;
  }

  /** How many datasets there are, and the bytes of their current generations. */
  async totals(): Promise<{ count: number; bytes: number }> {
    const row = await this.#current()
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('g.bytes').as('bytes')])
      .executeTakeFirstOrThrow();
    return { count: Number(row.count), bytes: Number(row.bytes ?? 0) };
  }

  /** Files of the current generation that has the most. */
  async mostFiles(): Promise<number> {
    const rows = await this.#current().select('g.files').execute();
    return rows.reduce((most, { files }) => Math.max(most, (JSON.parse(files) as string[]).length), 0);
  }

  /** Datasets by id, at most `limit`, after the one named by `after`. */
  async list(limit: number, after: string | undefined): Promise<Dataset[]> {
    let query = this.#current()
      .selectAll('g')
      .select([
        'd.id',
        'd.name',
        'd.description',
        'd.current_generation',
        'd.created_at as made_at',
        'd.created_by as made_by',
        'd.updated_at',
      ])
      .orderBy('d.id')
      .limit(limit);
    if (after !== undefined) query = query.where('d.id', '>', after);
    const rows = await query.execute();
    return rows.map((row) => toDataset({ ...row, created_at: row.made_at, created_by: row.made_by }, row));
  }

  async generations(datasetId: string): Promise<Generation[]> {
    const row = await this.#row(datasetId);
    const rows = await this.db
      .selectFrom('generations')
      .selectAll()
      .where('dataset_id', '=', row.id)
      .orderBy('generation', 'desc')
      .execute();
    return rows.map((each) => toGeneration(each, row.current_generation));
  }

  /** Names of the files of a generation. */
  async filesOf(datasetId: string, generation: number): Promise<string[]> {
    return JSON.parse((await this.#generation(datasetId, generation)).files) as string[];
  }

  /** What a generation was made from. */
  async originOf(datasetId: string, generation: number): Promise<Origin & { sourceName: string }> {
    const { origin, source_name: sourceName } = await this.#generation(datasetId, generation);
    return { ...(JSON.parse(origin ?? '{}') as Origin), sourceName };
  }

  async nextGeneration(datasetId: string): Promise<number> {
    const row = await this.db
      .selectFrom('generations')
      .select(({ fn }) => fn.max('generation').as('last'))
      .where('dataset_id', '=', datasetId)
      .executeTakeFirst();
    return Number(row?.last ?? 0) + 1;
  }

  /** A new dataset with its first generation, or `resource.conflict` when the name is taken. */
  async create(dataset: NewDataset, generation: NewGeneration, at: string): Promise<void> {
    await uniquely('dataset', dataset.name, () =>
      this.db.transaction().execute(async (tx) => {
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
        await tx
          .insertInto('generations')
          .values(generationRow(dataset.id, generation, at))
          .execute();
      }),
    );
  }

  /**
   * Adds a generation and moves the pointer to it, unless a later number was published meanwhile: of two uploads at once, both
   * are kept and the later number serves.
   */
  async publish(datasetId: string, generation: NewGeneration, at: string): Promise<void> {
    try {
      await this.db.transaction().execute(async (tx) => {
        const moved = await tx
          .updateTable('datasets')
          .set((eb) => ({
            updated_at: at,
            current_generation: eb
              .case()
              .when('current_generation', '<', generation.generation)
              .then(generation.generation)
              .else(eb.ref('current_generation'))
              .end(),
          }))
          .where('id', '=', datasetId)
          .executeTakeFirst();
        if (moved.numUpdatedRows === 0n)
          throw new AppError('resource.conflict', 'The dataset was deleted while the file was loaded');
        await tx
          .insertInto('generations')
          .values(generationRow(datasetId, generation, at))
          .execute();
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new GenerationTaken(error);
    }
  }

  /** Moves the pointer to a generation that is kept. */
  async rollback(datasetId: string, generation: number, at: string): Promise<void> {
    const { numUpdatedRows } = await this.db
      .updateTable('datasets')
      .set({ current_generation: generation, updated_at: at })
      .where('id', '=', datasetId)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('generations')
            .select('generation')
            .where('dataset_id', '=', datasetId)
            .where('generation', '=', generation),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw generationMissing(generation, '/generation');
  }

  async describe(
    datasetId: string,
    change: { name?: string | undefined; description?: string | undefined },
    at: string,
  ): Promise<void> {
    const set = {
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.description === undefined ? {} : { description: change.description }),
      updated_at: at,
    };
    const { numUpdatedRows } = await uniquely('dataset', change.name ?? '', () =>
      this.db.updateTable('datasets').set(set).where('id', '=', datasetId).executeTakeFirst(),
    );
    if (numUpdatedRows === 0n) throw datasetMissing(datasetId);
  }

  /** Forgets a dataset; its files go after the grace time. Says whether it was there. */
  async remove(datasetId: string, at: string): Promise<boolean> {
    return this.db.transaction().execute(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('datasets')
        .set({ updated_at: at })
        .where('id', '=', datasetId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      const rows = await tx
        .selectFrom('generations')
        .selectAll()
        .where('dataset_id', '=', datasetId)
        .execute();
      await retirePaths(tx, rows.flatMap(pathsOf), at);
      await tx.deleteFrom('generations').where('dataset_id', '=', datasetId).execute();
      await tx.deleteFrom('datasets').where('id', '=', datasetId).execute();
      return true;
    });
  }

  /** See pruneAll. */
  prune(keep: number, at: string): Promise<void> {
    return pruneAll(this.db, keep, at);
  }

  /**
   * Files of kept generations and files in their grace time, as `<dataset id>/<name>`. Generations are read first: a file that is retired
   * in between is among both, not among neither.
   */
  async known(): Promise<{ kept: Set<string>; retired: Map<string, string> }> {
    const rows = await this.db
      .selectFrom('generations')
      .select(['dataset_id', 'generation', 'files'])
      .execute();
    const retired = await this.db.selectFrom('retired_files').selectAll().execute();
    return {
      kept: new Set(rows.flatMap(pathsOf)),
      retired: new Map(retired.map(({ path, retired_at }) => [path, retired_at])),
    };
  }

  async forget(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.db.deleteFrom('retired_files').where('path', '=', path).execute();
  }

  #current() {
    return withCurrent(this.db);
  }

  async #row(nameOrId: string, pointer?: string): Promise<DatasetRow> {
    const rows = await this.db
      .selectFrom('datasets')
      .selectAll()
      .where((where) => where.or([where('id', '=', nameOrId), where('name', '=', nameOrId)]))
      .execute();
    const row = rows.find(({ id }) => id === nameOrId) ?? rows[0];
    if (row) return row;
    throw datasetMissing(nameOrId, pointer);
  }

  async #generation(datasetId: string, generation: number): Promise<GenerationRow> {
    const row = await this.db
      .selectFrom('generations')
      .selectAll()
      .where('dataset_id', '=', datasetId)
      .where('generation', '=', generation)
      .executeTakeFirst();
    if (!row) throw generationMissing(generation);
    return row;
  }

  #source({ id, name }: { id: string; name: string }, row: GenerationRow): DatasetSource {
    return {
      id,
      name,
      generation: row.generation,
      columns: JSON.parse(row.columns) as Column[],
      files: this.#pathsOf(id, row.files),
      publishedAt: row.created_at,
    };
  }

  #pathsOf(id: string, files: string): string[] {
    return (JSON.parse(files) as string[]).map((file) => this.pathOf(id, file));
  }
}

export const datasetMissing = (nameOrId: string, pointer?: string) =>
  new AppError('resource.notFound', `There is no dataset ${JSON.stringify(nameOrId)}`, {
    pointer,
    params: { dataset: nameOrId },
  });

const generationMissing = (generation: number, pointer?: string) =>
  new AppError('resource.notFound', `The dataset has no generation ${generation}`, { pointer });
