import { pendingMigrations } from '../store/pending.ts';
import { withStore } from '../store/with-store.ts';
import { createLog } from '../telemetry/log.ts';
import { type Command, EXIT } from './command.ts';
import { parseOptions } from './options.ts';
import { checkedConfig } from './settings.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the metadata up to this version and end',
  usage: `Usage: reporting-api migrate [--dry-run] [--json]

Applies the migrations that the metadata lacks, as the first start of this version would; a SQLite file is copied to
<METADATA_DB_PATH>.before-<migration> first. For those who want to see it pass before the service starts.

Options:
  --dry-run  List them, change nothing
  --json     The answer as JSON: {"dryRun", "migrations"}

Exit codes: 0 up to date now (with --dry-run also where some are pending), 1 failed, 2 wrong command line or settings.
`,
  async run(args, io) {
    const options = parseOptions(args, {
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const dryRun = options['dry-run'];
    const { METADATA_DB_PATH: path } = checkedConfig(io.env);
    const migrations = await pendingMigrations(path);
    if (!dryRun) await withStore(path, createLog('warning', io.err), () => undefined);
    if (options.json) io.out(`${JSON.stringify({ dryRun, migrations })}\n`);
    else if (migrations.length === 0) io.out('The metadata is up to date.\n');
    else io.out(`${dryRun ? 'Pending' : 'Applied'}:\n${migrations.map((name) => `  ${name}\n`).join('')}`);
    return EXIT.ok;
  },
};
