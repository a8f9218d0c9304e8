import { Cron } from 'croner';
import { iso } from '../base/clock.ts';
import { SYSTEM } from '../domain/audit.ts';
import type { Job } from '../jobs/job.ts';
import { Backups } from '../services/backups.ts';
import { type Chore, HOUSEKEEPING, Housekeeping } from '../services/housekeeping.ts';
import type { Identity } from '../services/identity.ts';
import type { Runs } from '../services/runs.ts';
import type { SharedFiles } from '../services/shared-files.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

const MINUTE_MS = 60 * 1000;
const SWEEP_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * SWEEP_MS;

export function createBackups(
  { config, folders, clock, metrics }: Parts,
  { audit }: Pick<Identity, 'audit'>,
): Backups {
  const backups = new Backups({
    metadata: config.METADATA_DB_PATH,
    folder: config.BACKUP_DIR,
    keep: config.BACKUP_KEEP,
    hasBucket: config.DATASETS_S3_BUCKET !== undefined,
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

interface HousekeepingParts {
  store: Store;
  identity: Identity;
  runs: Runs;
  backups: Backups;
  /** Where there is a bucket. */
  shared?: Pick<SharedFiles, 'collectOrphans'> | undefined;
  hasScheduler(): boolean;
  /** Queues the merging of small files; gives the number of datasets. */
  compactAll(): Promise<number>;
}

/** What all processes do once: retention of the audit log, of sessions and of the usage of AI, the look for files to merge, and the backup of the metadata. */
export function createHousekeeping(
  { config, clock, log, metrics }: Parts,
  { store, identity, runs, backups, shared, hasScheduler, compactAll }: HousekeepingParts,
) {
  const chores: Chore[] = [
    {
      name: 'retention',
      dueAfter: (ms) => ms + SWEEP_MS,
      run: async () => ({ ...(await identity.sweep()) }),
    },
    {
      name: 'compaction',
      dueAfter: (ms) => ms + config.COMPACT_MINUTES * MINUTE_MS,
      // Nobody would work on what is queued without one.
      run: async () => ({ queued: hasScheduler() ? await compactAll() : 0 }),
    },
    {
      name: 'aiUsage',
      dueAfter: (ms) => ms + SWEEP_MS,
      run: async () => {
        const before = iso(clock.now() - config.AI_USAGE_DAYS * DAY_MS).slice(0, 10);
        return { days: await store.aiUsage.removeBefore(before) };
      },
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
