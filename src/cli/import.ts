import { basename, resolve } from 'node:path';
import { instanceLimits } from '../compose/parts.ts';
import { type Toolbox, withToolbox } from '../compose/toolbox.ts';
import { openDuckdbFile } from '../lake/foreign/duckdb-file.ts';
import type { ForeignFile } from '../lake/foreign/foreign-file.ts';
import { openSqliteFile } from '../lake/foreign/sqlite-file.ts';
import { type Imported, type ImportedTable, importTables } from '../services/import-tables.ts';
import { createLog } from '../telemetry/log.ts';
import { parseArguments } from './arguments.ts';
import { type Command, EXIT } from './command.ts';
import { CLI } from './metadata.ts';
import { UsageError } from './options.ts';
import { checkedConfig } from './settings.ts';

type Open = (path: string, toolbox: Toolbox) => Promise<ForeignFile>;

const KINDS: Readonly<Record<string, Open>> = {
  duckdb: (path, { parts: { config, folders, tempFolder } }) =>
    openDuckdbFile(path, { folders: [folders.uploads], tempFolder, ...instanceLimits(config) }),
  sqlite: async (path) => openSqliteFile(path),
};

const SAID: Readonly<Record<ImportedTable['outcome'], string>> = {
  imported: 'imported',
  wouldImport: 'would be imported',
  exists: 'is there already',
  skipped: 'left out',
  failed: 'FAILED',
};

function textOf({ tables, left }: Imported): string {
  const lines = tables.map(({ table, dataset, outcome, rows, reason }) => {
    const name = dataset === table ? table : `${table} as ${dataset}`;
    return `${name}: ${SAID[outcome]}, ${rows} rows${reason === undefined ? '' : ` (${reason})`}`;
  });
  if (tables.length === 0) lines.push('The file has no tables.');
  if (left.length > 0) lines.push(`Not taken: ${left.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

export const importCommand: Command = {
  name: 'import',
  summary: 'Make datasets of the tables of a DuckDB or SQLite file, such as those of a predecessor',
  usage: `Usage: reporting-api import duckdb|sqlite FILE [--table NAME]… [--prefix TEXT] [--replace] [--dry-run] [--json]

Makes a dataset of each table of the file, of the same name; the service may run. The file is read and never written, and nothing
in it can run or reach another file: views, macros, triggers and virtual tables are not taken. Tables are taken one after
another, each whole or not at all: after an end in the middle, run it again. Types are kept, as far as datasets have them: nested
values become JSON, intervals and bit strings text. Values of SQLite are typed by what they are; binary ones become Base64 text;
generated columns are taken with the values that they have.

Tables with a column that looks like a secret (passwords, hashes, tokens, keys) are left out unless named by --table. Of a predecessor's
own metadata nothing but tables is known: users, passwords and connections are not taken over; make them anew.

Options:
  --table NAME   This table only, also where it is left out otherwise; may be given several times. Other schemas: schema.table
  --prefix TEXT  Before the name of each dataset
  --replace      A dataset that is there gets a new generation; without, it stays as it is
  --dry-run      Say what would be done, change nothing
  --json         The answer as JSON: {"tables": [{"table", "dataset", "outcome", "rows", "reason"}], "left"}; outcome is imported,
                 wouldImport, exists, skipped or failed

Exit codes: 0 done, 1 failed (of several tables, one or more), 2 wrong command line or settings.
`,
  async run([kind, ...args], io) {
    const open = kind !== undefined && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (!open) {
      const fault = kind === undefined ? 'A kind of file is missing' : `Unknown kind ${JSON.stringify(kind)}`;
      throw new UsageError(`${fault}; there are ${Object.keys(KINDS).join(', ')}`);
    }
    const { values, positionals } = parseArguments(args, ['FILE'], {
      table: { type: 'string', multiple: true, default: [] },
      prefix: { type: 'string', default: '' },
      replace: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const path = resolve(positionals[0]!);
    const options = {
      tables: values.table,
      prefix: values.prefix,
      replace: values.replace,
      dryRun: values['dry-run'],
      sourceName: basename(path),
    };
    const imported = await withToolbox(
      checkedConfig(io.env),
      createLog('warning', io.err),
      io.env,
      async (toolbox) => {
        const file = await open(path, toolbox);
        try {
          return await importTables(file, toolbox.datasets, options, CLI, new AbortController().signal);
        } finally {
          await file.close();
        }
      },
    );
    io.out(values.json ? `${JSON.stringify(imported)}\n` : textOf(imported));
    return imported.tables.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok;
  },
};
