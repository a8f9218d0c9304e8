import type { Config } from '../config.ts';
import { foldersOf, makeFolders } from '../lake/folders.ts';
import { createStartKey, needsStartKey } from '../services/start-key.ts';
import { withStore } from '../store/with-store.ts';
import type { Log } from '../telemetry/log.ts';

/** What several processes must find done: folders, migrations, and the one key of this start, where there is no other way to sign in. */
export async function prepareProcesses(config: Config, log: Log): Promise<{ startKey: string | undefined }> {
  await makeFolders(foldersOf(config.DUCKDB_PATH));
  return withStore(config.METADATA_DB_PATH, log, async (store) => {
    const isNeeded = config.ADMIN_EMAIL === undefined && (await needsStartKey(store, config));
    return { startKey: isNeeded ? createStartKey().text : undefined };
  });
}
