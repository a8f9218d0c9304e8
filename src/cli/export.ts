import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../base/errors.ts';
import { instanceLimits } from '../compose/parts.ts';
import { type Toolbox, withToolbox } from '../compose/toolbox.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import { copyToParquet } from '../lake/parquet-copy.ts';
import {
  EXPORT_FORMATS,
  type Exported,
  Exporter,
  type ExportFormat,
  fileNameOf,
} from '../services/export-datasets.ts';
import { createLog } from '../telemetry/log.ts';
import { type Command, EXIT } from './command.ts';
import { CLI_PRINCIPAL } from './metadata.ts';
import { parseOptions, UsageError } from './options.ts';
import { checkedConfig } from './settings.ts';

/** An export by hand has no deadline and no number of rows that is too large. */
const UNLIMITED = { EXPORT_MAX_ROWS: 1_000_000_000, QUERY_TIMEOUT_SECONDS: 86_400, RESULT_CACHE_BYTES: 0 };

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true;

function formatOf(text: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each === text);
  if (!format) throw new UsageError(`--format must be ${EXPORT_FORMATS.join(' or ')}`);
  return format;
}

function exporterOf({ queries, datasets, parts: { config, tempFolder } }: Toolbox): Exporter {
  return new Exporter({
    queries,
    files: datasets.deps.files,
    copyToParquet: (files, target) => copyToParquet(files, target, { tempFolder, ...instanceLimits(config) }),
    principal: CLI_PRINCIPAL,
  });
}

/** Names of files by dataset: two datasets may differ in what a file's name cannot have. */
function pathsIn(folder: string, sources: readonly DatasetSource[], format: ExportFormat): string[] {
  const used = new Set<string>();
  return sources.map(({ name, id }) => {
    const plain = fileNameOf(name, format);
    const free = used.has(plain.toLowerCase()) ? fileNameOf(`${name} ${id}`, format) : plain;
    used.add(free.toLowerCase());
    return join(folder, free);
  });
}

const textOf = (all: readonly Exported[]) =>
  all
    .map(({ dataset, path, rows, bytes }) => `${dataset}: ${path} (${rows} rows, ${bytes} bytes)\n`)
    .join('');

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write datasets to CSV or Parquet files',
  usage: `Usage: reporting-api export --dataset NAME… | --all [--format csv|parquet] [--out FILE|FOLDER|-] [--force] [--json]

Writes the present generation of each dataset; the service may run. CSV is the file that the API exports, Parquet has all types.
A file is there whole or not at all, and readable by its user alone.

Options:
  --dataset NAME       By name or id; may be given several times
  --all                Every dataset
  --format csv|parquet Default: csv
  --out FILE|FOLDER|-  Default: the present folder, each file named after its dataset; - writes one dataset's CSV to the standard output
  --force              Replace files that are there
  --json               The answer as JSON: [{"dataset", "generation", "path", "rows", "bytes"}]

Exit codes: 0 done, 1 failed, 2 wrong command line or settings.
`,
  async run(args, io) {
    const options = parseOptions(args, {
      dataset: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      format: { type: 'string', default: 'csv' },
      out: { type: 'string', default: '.' },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const { dataset: names, all, out, force } = options;
    const format = formatOf(options.format);
    if (all === names.length > 0) throw new UsageError('Give --dataset or --all');
    if (out === '-' && (names.length !== 1 || format !== 'csv'))
      throw new UsageError('--out - goes with one --dataset and the format csv');
    const config = { ...checkedConfig(io.env), ...UNLIMITED };
    await withToolbox(config, createLog('warning', io.err), io.env, async (toolbox) => {
      const exporter = exporterOf(toolbox);
      const sources = all
        ? await toolbox.datasets.sources()
        : await Promise.all(names.map((name) => toolbox.datasets.resolve(name)));
      if (sources.length === 0) throw new AppError('resource.notFound', 'There are no datasets');
      if (out === '-') {
        await exporter.toCsv(sources[0]!, async (bytes) => io.out(bytes));
        return;
      }
      const target = resolve(out);
      const isOne = sources.length === 1 && !out.endsWith('/') && !(await isFolder(target));
      if (!isOne) await mkdir(target, { recursive: true });
      const paths = isOne ? [target] : pathsIn(target, sources, format);
      const exported: Exported[] = [];
      for (const [i, source] of sources.entries())
        exported.push(await exporter.toFile(source, format, paths[i]!, force));
      io.out(options.json ? `${JSON.stringify(exported)}\n` : textOf(exported));
    });
    return EXIT.ok;
  },
};
