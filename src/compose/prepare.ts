import type { Config } from '../config.ts';
import { createStartKey, needsStartKey } from '../services/start-key.ts';
import { openDatabase } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { createStore } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** What several processes must find done: the migrations; and the one key of this start, where nobody could sign in otherwise. */
export async function prepareProcesses(config: Config, log: Log): Promise<{ startKey: string | undefined }> {
  const db = await openDatabase(config.METADATA_DB_PATH, { poolSize: 1 });
  try {
    await migrate(db, config.METADATA_DB_PATH, log);
    const isNeeded = config.ADMIN_EMAIL === undefined && (await needsStartKey(createStore(db), config));
    return { startKey: isNeeded ? createStartKey().text : undefined };
  } finally {
    await db.destroy();
  }
}
