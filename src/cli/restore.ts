import { systemClock } from '../base/clock.ts';
import { foldersOf } from '../lake/folders.ts';
import { type Restored, restoreBackup } from '../services/restore.ts';
import { createLog } from '../telemetry/log.ts';
import { parseArguments } from './arguments.ts';
import { type Command, EXIT } from './command.ts';
import { checkedConfig } from './settings.ts';

function textOf({ dryRun, kept, files }: Restored, hasBucket: boolean): string {
  const missing = hasBucket
    ? 'are not in the folder; they are fetched from the bucket, where it has them still:'
    : 'are missing; queries over them fail until they are loaded anew:';
  const lines = [
    dryRun
      ? 'The backup is good; nothing was changed. Stop the service before you restore it.'
      : 'Restored. The service may be started.',
    `Files of datasets: ${files.present} are there, ${files.placed} ${dryRun ? 'would come' : 'came'} from the backup.`,
    ...(files.missing.length > 0
      ? [`${files.missing.length} ${missing}`, ...files.missing.map((file) => `  ${file}`)]
      : []),
    ...(kept === null ? [] : [`The state before is kept in ${kept}`]),
  ];
  return `${lines.join('\n')}\n`;
}

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Put a backup in the place of the metadata; the service must be stopped',
  usage: `Usage: reporting-api restore FILE|FOLDER [--dry-run] [--force] [--json]

Looks through the backup, brings a copy of it to this version, and puts that in the place of METADATA_DB_PATH; from a backup with
datasets, also the files that are missing. The state before is kept in BACKUP_DIR as replaced-…, which can be restored in
turn. Refused while any process has the metadata open (but --dry-run), and for a backup of a newer version. Killed at any time, it leaves the state
before or the state after; run it again.

Options:
  --dry-run  Look through everything, change nothing; also while the service runs
  --force    Also where the present metadata is damaged: it cannot tell then whether the service runs, so stop it first
  --json     The answer as JSON: {"dryRun", "kept", "migrations", "files": {"placed", "present", "missing"}}

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, ['FILE'], {
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const config = checkedConfig(io.env);
    const restored = await restoreBackup(
      positionals[0]!,
      { force: values.force, dryRun: values['dry-run'] },
      {
        metadata: config.METADATA_DB_PATH,
        folder: config.BACKUP_DIR,
        folders: foldersOf(config.DUCKDB_PATH),
        clock: systemClock,
        log: createLog('warning', io.err),
      },
    );
    io.out(
      values.json
        ? `${JSON.stringify(restored)}\n`
        : textOf(restored, config.DATASETS_S3_BUCKET !== undefined),
    );
    return EXIT.ok;
  },
};
