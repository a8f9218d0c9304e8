import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { type ColumnData, fixed, NULL, TEXT } from '../domain/column-data.ts';
import { CsvWriter } from '../drivers/csv-writer.ts';
import type { Batch, Driver } from '../drivers/driver.ts';
import type { CsvForm } from '../drivers/run-copy.ts';
import { temporaryName } from '../lake/folders.ts';
import type { JobContext } from './serve.ts';
import type { CopyJob } from './source-job.ts';

const encoder = new TextEncoder();
/** A worker holds its newest chunk back until the next one comes; this lets it go. */
const NOTHING_MORE = '\n';
const BATCH_ROWS = 2048;
/** A server that speaks PostgreSQL's protocol and has no COPY says one of these. */
const HAS_NO_COPY: ReadonlySet<unknown> = new Set(['0A000', '42601', '25006']);

/** Rows of a statement into CSV files: as the server writes them where it can, else value by value. */
export async function copyToFiles(driver: Driver, job: CopyJob, context: JobContext): Promise<null> {
  const { signal } = context;
  const paths: string[] = [];
  let files = 0;
  const makeWriter = () =>
    new CsvWriter({
      newFile() {
        const path = join(job.folder, temporaryName());
        paths.push(path);
        return path;
      },
      fileBytes: job.fileBytes,
      fileRows: job.fileRows,
      async onFile(file) {
        files++;
        await context.send(encoder.encode(JSON.stringify(file)));
        await context.send(encoder.encode(NOTHING_MORE));
      },
    });
  try {
    await copy(driver, job, makeWriter, () => files > 0, signal);
    return null;
  } catch (error) {
    // Whoever took one is told of the failure too.
    for (const path of paths) await rm(path, { force: true });
    throw error;
  }
}

async function copy(
  driver: Driver,
  job: CopyJob,
  makeWriter: () => CsvWriter,
  hasFiles: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  if (driver.copy) {
    try {
      const forms = job.columns.map(({ form }) => form);
      const options = {
        signal,
        timeoutMs: job.timeoutMs,
        forms,
        writer: makeWriter(),
        onBytes: () => undefined,
      };
      await driver.copy(job.text, options);
      return;
    } catch (error) {
      const state = error instanceof AppError ? error.params?.sqlState : undefined;
      if (hasFiles() || !HAS_NO_COPY.has(state)) throw error;
    }
  }
  await encodeToFiles(driver, job, makeWriter(), signal);
}

async function encodeToFiles(
  driver: Driver,
  job: CopyJob,
  writer: CsvWriter,
  signal: AbortSignal,
): Promise<void> {
  const types = job.columns.map(({ type, scale }, i) => ({
    name: `c${i}`,
    type,
    ...(scale === undefined ? {} : { scale }),
  }));
  const options = { signal, timeoutMs: job.timeoutMs, types, batchRows: BATCH_ROWS };
  try {
    for await (const batch of driver.run(job.statement, options)) {
      writeBatch(batch, job.columns, writer);
      if (writer.isFull) await writer.drained();
    }
    await writer.end();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function fieldText(data: ColumnData, i: number, form: CsvForm): string {
  const state = data.states[i];
  if (state === NULL) return '';
  if (state === TEXT) {
    const text = data.texts[i]!;
    return form === 'quoted' ? `"${text.replaceAll('"', '""')}"` : text;
  }
  const number = data.numbers[i]!;
  if (data.physical === 'boolean') return number === 1 ? 'true' : 'false';
  return data.physical === 'whole' && data.scale > 0 ? fixed(BigInt(number), data.scale) : String(number);
}

function writeBatch({ columns, count }: Batch, wanted: CopyJob['columns'], writer: CsvWriter): void {
  for (let i = 0; i < count; i++) {
    let line = '';
    for (let c = 0; c < columns.length; c++)
      line += `${c === 0 ? '' : ','}${fieldText(columns[c]!, i, wanted[c]!.form)}`;
    line += '\n';
    const bytes = Buffer.byteLength(line);
    writer.reserve(bytes);
    writer.block.write(line, writer.length);
    writer.length += bytes;
    writer.endRow(bytes);
  }
}
