import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Folders, openTemporary, temporaryName } from '../folders.ts';
import { syncPath } from '../read-chunks.ts';

/** Files that a run makes in a dataset's folder, under temporary names. */
export class NewFiles {
  readonly #temporary = new Set<string>();
  readonly folder: string;

  private constructor(
    readonly folders: Folders,
    datasetId: string,
  ) {
    this.folder = join(folders.datasets, datasetId);
  }

  static async open(folders: Folders, datasetId: string): Promise<NewFiles> {
    const files = new NewFiles(folders, datasetId);
    files.add(await openTemporary(files.folder));
    return files;
  }

  /** The path of a new file. */
  path(): string {
    const path = join(this.folder, temporaryName());
    this.#temporary.add(path);
    return path;
  }

  /** A file that was made here. */
  add(path: string): void {
    this.#temporary.add(path);
  }

  /**
   * Gives files their names in a generation, and syncs the folder. No name ever comes twice, so that who collects, or still reads, a file of
   * before never meets another one in its place. The temporary names stay until the end of the run.
   */
  async name(paths: readonly string[], generation: number): Promise<string[]> {
    const names = paths.map((_, i) => `${generation}-${i + 1}-${crypto.randomUUID().slice(0, 8)}.parquet`);
    for (const [i, path] of paths.entries()) await link(path, join(this.folder, names[i]!));
    await syncPath(this.folder);
    await syncPath(this.folders.datasets);
    return names;
  }

  /** Takes names back that the metadata never came to know. */
  async unname(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.folder, name), { force: true });
  }

  /** Removes what has only a temporary name. */
  async close(): Promise<void> {
    for (const path of this.#temporary) await rm(path, { force: true });
    this.#temporary.clear();
  }
}
