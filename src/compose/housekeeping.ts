import { Cron } from 'croner';
import { SYSTEM } from '../domain/audit.ts';
import type { Job } from '../jobs/job.ts';
import { Backups } from '../services/backups.ts';
import { type Chore, HOUSEKEEPING, Housekeeping } from '../services/housekeeping.ts';
import type { Identity } from '../services/identity.ts';
import type { Runs } from '../services/runs.ts';
import type { SharedFiles } from '../services/shared-files.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

const SWEEP_MS = 60 * 60 * 1000;

export function createBackups(
  { config, folders, clock, metrics }: Parts,
  { audit }: Pick<Identity, 'audit'>,
): Backups {
  const backups = new Backups({
    metadata: config.METADATA_DB_PATH,
    folder: config.BACKUP_DIR,
    keep: config.BACKUP_KEEP,
    folders,
    clock,
    record: (event, caller) => audit.record(event, caller),
  });
  metrics.beforeScrape.push(async () => {
    const [newest] = await backups.list();
    metrics.backupTime.set(newest ? Date.parse(newest.createdAt) / 1000 : 0);
  });
  return backups;
}

function backupChore(backups: Backups, cron: string, timezone: string): Chore {
  const times = new Cron(cron, { paused: true, timezone });
  return {
    name: 'backup',
    dueAfter: (ms) => times.nextRun(new Date(ms))?.getTime() ?? Number.POSITIVE_INFINITY,
    run: async () => ({ ...(await backups.make({}, SYSTEM)) }),
  };
}

/** What all processes do once: retention of the audit log and of sessions, and the backup of the metadata. */
export function createHousekeeping(
  { config, clock, log, metrics }: Parts,
  {
    store,
    identity,
    runs,
    backups,
    shared,
  }: {
    store: Store;
    identity: Identity;
    runs: Runs;
    backups: Backups;
    shared: Pick<SharedFiles, 'collectOrphans'> | undefined;
  },
  hasScheduler: () => boolean,
) {
  const chores: Chore[] = [
    {
      name: 'retention',
      dueAfter: (ms) => ms + SWEEP_MS,
      run: async () => ({ ...(await identity.sweep()) }),
    },
  ];
  if (shared)
    chores.push({ name: 'bucket', dueAfter: (ms) => ms + SWEEP_MS, run: () => shared.collectOrphans() });
  if (config.BACKUP_CRON !== 'off' && backups.isSupported)
    chores.push(backupChore(backups, config.BACKUP_CRON, config.TIMEZONE));
  const housekeeping = new Housekeeping({ store, runs, chores, clock, log, metrics, hasScheduler });
  const job: Job = { kind: HOUSEKEEPING, run: (input) => housekeeping.run(input) };
  return { housekeeping, job };
}
