/**
 * Files of datasets, on a host that has them by itself or shares them through a bucket. Paths are absolute and of the datasets folder;
 * names are of a dataset's own folder.
 */
export interface DatasetFiles {
  /** Whether hosts have folders of their own. */
  readonly isShared: boolean;
  /** Sees to it that every host can have these files; to be called before the metadata names them. What it then never names is collected. */
  share(datasetId: string, names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Sees to it that the files are here, whole, and stay until the function that it gives is called. */
  hold(paths: readonly string[], signal: AbortSignal): Promise<() => void>;
  /** Whether all are here now. */
  areHere(paths: readonly string[]): Promise<boolean>;
  /** In bytes, of files that may be elsewhere. */
  sizesOf(paths: readonly string[]): Promise<number[]>;
}

/** Does the work while the files are here. */
export async function during<T>(
  files: DatasetFiles,
  paths: readonly string[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const release = await files.hold(paths, signal);
  try {
    return await work();
  } finally {
    release();
  }
}
