import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { FileFormat } from '../domain/upload.ts';
import { asUtf8, charsetOf } from './encoding.ts';
import { type ExpandLimits, expandGzip, isGzip } from './expand.ts';
import { formatOf } from './file-format.ts';
import { temporaryName } from './folders.ts';
import type { IngestJob, IngestOptions, Loaded } from './jobs.ts';
import { type LoadContext, loadCsv } from './load-csv.ts';
import { type JsonShape, loadJson } from './load-json.ts';
import { loadParquet } from './load-parquet.ts';
import { readHead } from './read-chunks.ts';

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
  let path = job.staged;
  let head = await readHead(path, HEAD);
  if (isGzip(head)) {
    path = scratch();
    await expandGzip(job.staged, path, limits, signal);
    head = await readHead(path, HEAD);
  }
  const format = formatOf(head, job.sourceName, job.mediaType, options.format);
  if (head.length === 0)
    throw new AppError('dataset.empty', 'The file has no rows and no columns', { pointer: '/file' });
  if (format === 'parquet') return { format, ...(await loadParquet(path, job, context)) };
  const encoding = { given: options.encoding, said: charsetOf(job.mediaType) };
  const text = await asUtf8(path, scratch(), encoding, signal);
  const loaded = await loadText(format, text.path, job, context);
  return { format, ...loaded, warnings: [...text.warnings, ...loaded.warnings] };
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
  if (/^<(?:!doctype html|html)\b/i.test(head))
    throw new AppError('dataset.badFile', 'The file is a web page, not a table', { pointer: '/file' });
  if (format === 'csv' || format === 'tsv') return loadCsv(path, format === 'tsv', job, context);
  return loadJson(path, format === 'ndjson' ? 'lines' : jsonShape(head), job, context);
}

/** A file named `.json` may hold an array, an object a line, or objects over several lines. */
function jsonShape(head: string): JsonShape {
  if (head.startsWith('[')) return 'array';
  const [first, ...others] = head.split('\n');
  return others.some((line) => line.trim() !== '') && isJson(first ?? '') ? 'lines' : 'objects';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
