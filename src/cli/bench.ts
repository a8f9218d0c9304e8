import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceLimits } from '../compose/parts.ts';
import { type Toolbox, withToolbox } from '../compose/toolbox.ts';
import { openFenced } from '../drivers/duckdb/instance.ts';
import { list } from '../lake/sql-text.ts';
import { benchmark, type Measured } from '../services/self-benchmark.ts';
import { createLog } from '../telemetry/log.ts';
import { type Command, EXIT } from './command.ts';
import { CLI, CLI_PRINCIPAL } from './metadata.ts';
import { parseOptions, UsageError } from './options.ts';
import { checkedConfig } from './settings.ts';
import { textTable } from './text-table.ts';

function numberOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new UsageError(`--${option} must be a whole number from 1 to ${most}`);
  return value;
}

/** Runs the benchmark beside a DuckDB of its own with the same resources. */
async function measure({ datasets, queries, parts }: Toolbox, size: { rows: number; seconds: number }) {
  const { config, folders, tempFolder } = parts;
  const instance = await openFenced({
    folders: [folders.datasets],
    tempFolder: join(tempFolder, 'bare'),
    ...instanceLimits(config),
  });
  try {
    const connection = await instance.connect();
    const bare = (statement: string, files: readonly string[]) =>
      connection.runAndReadAll(statement.replace('%', `read_parquet(${list(files)})`));
    return await benchmark({ datasets, queries, principal: CLI_PRINCIPAL, bare }, size, CLI);
  } finally {
    instance.closeSync();
  }
}

const textOf = (measured: readonly Measured[]) =>
  textTable(
    ['work', 'ms', 'bare engine, ms', 'ratio', 'rounds'],
    measured.map(({ name, ms, bareMs, ratio, rounds }) => [
      name,
      String(ms),
      String(bareMs ?? ''),
      String(ratio ?? ''),
      String(rounds),
    ]),
  );

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Measure queries and pivots on this machine, beside the bare engine',
  usage: `Usage: reporting-api bench [--rows N] [--seconds N] [--json]

Generates orders in a temporary folder (TMPDIR), answers a query and two pivots over them again and again under the settings in force,
beside DuckDB itself in turn, and removes everything. No data of yours is read. Compare ratios: times are this moment's of this machine.

Options:
  --rows N     Generated rows. Default: 1000000; at most 100000000
  --seconds N  For each kind of work. Default: 3; at most 600
  --json       {"rows", "results": [{"name", "ms", "bareMs", "ratio", "rounds"}]}; milliseconds are medians

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  async run(args, io) {
    const options = parseOptions(args, {
      rows: { type: 'string', default: '1000000' },
      seconds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    });
    const rows = numberOf('rows', options.rows, 100_000_000);
    const seconds = numberOf('seconds', options.seconds, 600);
    const folder = await mkdtemp(join(tmpdir(), 'reporting-bench-'));
    try {
      const config = {
        ...checkedConfig(io.env),
        METADATA_DB_PATH: join(folder, 'meta.sqlite'),
        DUCKDB_PATH: join(folder, 'local.duckdb'),
      };
      const log = createLog('warning', io.err);
      const results = await withToolbox(config, log, io.env, (toolbox) =>
        measure(toolbox, { rows, seconds }),
      );
      io.out(options.json ? `${JSON.stringify({ rows, results })}\n` : textOf(results));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return EXIT.ok;
  },
};
