import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { FileFormat, LoadOptions } from '../domain/upload.ts';
import { asUtf8, charsetOf } from './encoding.ts';
import { type ExpandLimits, expandFile } from './expand.ts';
import { formatOf } from './file-format.ts';
import { temporaryName } from './folders.ts';
import type { IngestJob, IngestOptions, Loaded } from './jobs.ts';
import { takeJsonRows } from './json-rows.ts';
import { type LoadContext, loadCsv } from './load-csv.ts';
import { type JsonShape, loadJson } from './load-json.ts';
import { loadParquet } from './load-parquet.ts';
import { readHead } from './read-chunks.ts';
import { refuseMarkup } from './refuse-other-kinds.ts';

const HEAD = 256 << 10;

/** Turns an uploaded file into one Parquet file. Whatever happens, no other file is left; the target only on success. */
export async function loadFile(
  connection: DuckDBConnection,
  job: Extract<IngestJob, { kind: 'load' }>,
  ingest: IngestOptions,
  signal: AbortSignal,
): Promise<Loaded> {
  const made: string[] = [];
  const scratch = () => {
    const path = join(ingest.uploads, temporaryName());
    made.push(path);
    return path;
  };
  const context: LoadContext = {
    connection,
    options: job.options,
    maxColumns: ingest.maxColumns,
    maxValueBytes: ingest.maxValueBytes,
    signal,
    scratch,
  };
  try {
    return await load(job, context, ingest);
  } catch (error) {
    made.push(job.target, job.rejected);
    throw error;
  } finally {
    for (const path of made) await rm(path, { force: true });
  }
}

async function load(
  job: Extract<IngestJob, { kind: 'load' }>,
  context: LoadContext,
  limits: ExpandLimits,
): Promise<Loaded> {
  const { options, signal, scratch } = context;
  const plain = scratch();
  const expanded = await expandFile(job.staged, plain, limits, signal, options.member);
  const path = expanded ? plain : job.staged;
  const head = await readHead(path, HEAD);
  const format = formatOf(head, expanded?.member ?? job.sourceName, job.mediaType, options.format);
  if (head.length === 0)
    throw new AppError('dataset.empty', 'The file has no rows and no columns', { pointer: '/file' });
  if (format === 'parquet') {
    refuseJsonOptions(options);
    return { format, ...(await loadParquet(path, job, context)) };
  }
  const encoding = { given: options.encoding, said: charsetOf(job.mediaType) };
  const text = await asUtf8(path, scratch(), encoding, signal);
  const loaded = await loadText(format, text.path, job, context);
  return { format, ...loaded, encoding: text.encoding, warnings: [...text.warnings, ...loaded.warnings] };
}

async function loadText(
  format: Exclude<FileFormat, 'parquet'>,
  path: string,
  job: Extract<IngestJob, { kind: 'load' }>,
  context: LoadContext,
) {
  const head = (await readHead(path, HEAD))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  refuseMarkup(head);
  if (format === 'csv' || format === 'tsv') {
    refuseJsonOptions(context.options);
    return loadCsv(path, format === 'tsv', job, context);
  }
  const shape = jsonShape(head, format === 'ndjson');
  const { root, nested } = context.options;
  if (root === undefined && nested !== 'flatten') return loadJson(path, shape, job, context);
  const rows = context.scratch();
  await takeJsonRows(path, shape, context.options, rows, context.maxValueBytes, context.signal);
  return loadJson(rows, 'lines', job, context);
}

function refuseJsonOptions(options: LoadOptions): void {
  for (const name of ['root', 'nested'] as const)
    if (options[name] !== undefined)
      throw new AppError('request.invalid', `/${name} is for JSON files, and the file is none`, {
        pointer: `/${name}`,
      });
}

const LINES_SEEN = 10;

/** A JSON file, whatever it is named, may hold an array, an object a line, or objects over several lines. */
function jsonShape(head: string, isNamedLines: boolean): JsonShape {
  const [first = '', ...others] = head.split('\n');
  const hasMore = others.some((line) => line.trim() !== '');
  if (head.startsWith('[')) return isNamedLines && hasMore && isJson(first) ? 'lines' : 'array';
  if (!isNamedLines) return hasMore && isJson(first) ? 'lines' : 'objects';
  const seen = [first, ...others.slice(0, -1)].filter((line) => line.trim() !== '').slice(0, LINES_SEEN);
  return hasMore && first.trim() === '{' && !seen.some(isObject) ? 'objects' : 'lines';
}

const isObject = (line: string) => line.trim().startsWith('{') && isJson(line);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
