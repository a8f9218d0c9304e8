import { systemClock } from '../../src/base/clock.ts';
import { foldersOf } from '../../src/lake/folders.ts';
import { Backups } from '../../src/services/backups.ts';
import { restoreBackup } from '../../src/services/restore.ts';
import { silentLog } from '../../src/telemetry/log.ts';

/** Backs up or restores, and stands still at a step. */
const [, , what, metadata = '', folder = '', duckdb = '', step = '', from = ''] = process.argv;

async function reached(name: string): Promise<void> {
  if (name !== step) return;
  process.stdout.write(`at ${name}\n`);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

const common = { metadata, folder, folders: foldersOf(duckdb), clock: systemClock, reached };
const nobody = { actor: 'cli', address: null, requestId: null };
if (what === 'backup') await new Backups({ ...common, keep: 7 }).make({ withDatasets: true }, nobody);
else await restoreBackup(from, { force: false, dryRun: false }, { ...common, log: silentLog });
