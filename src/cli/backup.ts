import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../config.ts';
import { foldersOf } from '../lake/folders.ts';
import { Backups } from '../services/backups.ts';
import { type Command, EXIT } from './command.ts';
import { CLI } from './metadata.ts';
import { parseOptions, UsageError } from './options.ts';
import { checkedConfig } from './settings.ts';

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function keepOf(text: string | undefined, config: Config): number {
  if (text === undefined) return config.BACKUP_KEEP;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--keep must be a whole number from 1 to 9999');
  return Number(text);
}

/** A folder that is there takes a backup by its usual name; anything else is the whole path. */
function placeOf(out: string | undefined, config: Config) {
  if (out === undefined) return { folder: config.BACKUP_DIR };
  return isFolder(out) ? { folder: resolve(out) } : { folder: config.BACKUP_DIR, target: resolve(out) };
}

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Back up the metadata, and with it the datasets; the service may run',
  usage: `Usage: reporting-api backup [--out FILE|FOLDER] [--keep N] [--with-datasets] [--json]

Copies the metadata (METADATA_DB_PATH) as it stands, tries the copy by opening it, and puts it into BACKUP_DIR, whole or not at
all; of each kind the newest BACKUP_KEEP are kept there. The service may run. The file is readable by its user alone: it
holds password hashes and sealed secrets. SECRET_KEY, which opens those, is not in it: keep it elsewhere.

Options:
  --out FILE|FOLDER  A folder that is there instead of BACKUP_DIR; or the whole name, of which none is removed
  --keep N           How many to keep, instead of BACKUP_KEEP
  --with-datasets    A folder with the files of all datasets too, hashed; on the same file system they take no room
  --json             The answer as JSON: {"name", "path", "kind", "createdAt", "bytes"}

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  async run(args, io) {
    const options = parseOptions(args, {
      out: { type: 'string' },
      keep: { type: 'string' },
      'with-datasets': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const config = checkedConfig(io.env);
    const { folder, target } = placeOf(options.out, config);
    const backups = new Backups({
      metadata: config.METADATA_DB_PATH,
      folder,
      keep: keepOf(options.keep, config),
      hasBucket: config.DATASETS_S3_BUCKET !== undefined,
      folders: foldersOf(config.DUCKDB_PATH),
      clock: systemClock,
    });
    const withDatasets = options['with-datasets'];
    const made = await backups.make({ withDatasets, ...(target === undefined ? {} : { target }) }, CLI);
    io.out(options.json ? `${JSON.stringify(made)}\n` : `${made.path} (${made.bytes} bytes, tried)\n`);
    return EXIT.ok;
  },
};
