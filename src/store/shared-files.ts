import { AppError } from '../base/errors.ts';
import { withCurrent } from './current-generations.ts';
import type { Db } from './database.ts';
import { pathsOf } from './retire.ts';
import { isUniqueViolation } from './store-errors.ts';

/** A file that the bucket holds, by `<dataset id>/<name>`. */
export interface SharedFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** Another host took the name of a file meanwhile. */
export class NameTaken extends AppError {
  constructor(path: string, cause: unknown) {
    super('resource.conflict', 'Another upload took the same generation; send it again', {
      cause,
      params: { file: path },
    });
  }
}

const MANY = 200;

/** Which files of datasets the bucket holds. Times are ISO text. */
export class SharedFileStore {
  constructor(readonly db: Db) {}

  /** Tells of a file that is about to be put there. Throws NameTaken. */
  async begin({ path, bytes, sha256 }: SharedFile, at: string): Promise<void> {
    try {
      await this.db
        .insertInto('shared_files')
        .values({ path, bytes, sha256, begun_at: at, shared_at: null })
        .execute();
    } catch (error) {
      if (isUniqueViolation(error)) throw new NameTaken(path, error);
      throw error;
    }
  }

  /** As `begin`, of a file that was published before there was a bucket; it may have been begun and not finished. */
  async adopt({ path, bytes, sha256 }: SharedFile, at: string): Promise<void> {
    await this.db
      .insertInto('shared_files')
      .values({ path, bytes, sha256, begun_at: at, shared_at: null })
      .onConflict((conflict) => conflict.column('path').doUpdateSet({ bytes, sha256 }))
      .execute();
  }

  async finish(path: string, at: string): Promise<void> {
    await this.db.updateTable('shared_files').set({ shared_at: at }).where('path', '=', path).execute();
  }

  async forget(path: string): Promise<void> {
    await this.db.deleteFrom('shared_files').where('path', '=', path).execute();
  }

  /** Those of `paths` that the bucket holds. */
  async of(paths: readonly string[]): Promise<SharedFile[]> {
    const found: SharedFile[] = [];
    for (let at = 0; at < paths.length; at += MANY) {
      const rows = await this.db
        .selectFrom('shared_files')
        .select(['path', 'bytes', 'sha256'])
        .where('path', 'in', paths.slice(at, at + MANY))
        .where('shared_at', 'is not', null)
        .execute();
      found.push(...rows.map(({ path, bytes, sha256 }) => ({ path, bytes: Number(bytes), sha256 })));
    }
    return found;
  }

  /** All paths that the bucket holds. */
  async held(): Promise<Set<string>> {
    const rows = await this.db
      .selectFrom('shared_files')
      .select('path')
      .where('shared_at', 'is not', null)
      .execute();
    return new Set(rows.map(({ path }) => path));
  }

  /** All that were told of, with the time. */
  async begun(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db.selectFrom('shared_files').select(['path', 'begun_at']).execute();
    return new Map(rows.map(({ path, begun_at }) => [path, begun_at]));
  }

  /** The bytes of the largest generation that a dataset has now. */
  async largestGeneration(): Promise<number> {
    const row = await withCurrent(this.db)
      .select(({ fn }) => fn.max<number>('g.bytes').as('bytes'))
      .executeTakeFirst();
    return Number(row?.bytes ?? 0);
  }

  /** Files of generations that the bucket does not hold: they are older than it. */
  async unshared(): Promise<string[]> {
    const rows = await this.db
      .selectFrom('generations')
      .select(['dataset_id', 'generation', 'files'])
      .execute();
    const held = await this.held();
    return [...new Set(rows.flatMap(pathsOf))].filter((path) => !held.has(path));
  }
}
