import type { Log } from '../telemetry/log.ts';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { createStore, type Store } from './store.ts';

/** Opens the metadata at a path or URL, brought to this version, for one piece of work; the service may be running. Rejects with AppError. */
export async function withStore<T>(
  pathOrUrl: string,
  log: Log,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const db = await openDatabase(pathOrUrl, { poolSize: 1 });
  try {
    await migrate(db, pathOrUrl, log);
    return await work(createStore(db));
  } finally {
    await db.destroy();
  }
}
