import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../base/errors.ts';
import type { DatasetSource } from '../domain/dataset.ts';
import type { Principal } from '../domain/principal.ts';
import { type DatasetFiles, during } from '../lake/bucket/files.ts';
import { toAppError } from '../lake/engine-errors.ts';
import { temporaryName } from '../lake/folders.ts';
import { syncPath } from '../lake/read-chunks.ts';
import type { QueryService } from './query.ts';

export const EXPORT_FORMATS = ['csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface Exported {
  dataset: string;
  generation: number;
  path: string;
  rows: number;
  bytes: number;
}

export interface ExporterDeps {
  queries: QueryService;
  files: DatasetFiles;
  /** Writes rows of Parquet files to one; gives how many. */
  copyToParquet(files: readonly string[], target: string): Promise<number>;
  principal: Principal;
}

/** A file's name for a dataset: what would lead elsewhere, or is not allowed on some system, becomes `_`. */
export const fileNameOf = (dataset: string, format: ExportFormat) =>
  `${dataset.replaceAll(/[/\\:*?"<>|]/g, '_').replace(/^\.+/, '_')}.${format}`;

/** Datasets as files. CSV is the very file that the API exports; a file is there whole or not at all. */
export class Exporter {
  constructor(readonly deps: ExporterDeps) {}

  /** Throws `resource.conflict` where `path` is there and is not to be replaced. */
  async toFile(
    source: DatasetSource,
    format: ExportFormat,
    path: string,
    replace: boolean,
  ): Promise<Exported> {
    if (!replace && existsSync(path))
      throw new AppError('resource.conflict', `${path} is there already; --force replaces it`);
    const temporary = join(dirname(path), `.${basename(path)}.${temporaryName()}`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      let rows: number;
      try {
        rows =
          format === 'csv'
            ? await this.toCsv(source, (bytes) => writeAll(file, bytes))
            : await during(this.deps.files, source.files, new AbortController().signal, () =>
                this.deps.copyToParquet(source.files, temporary),
              );
      } finally {
        await file.close();
      }
      await syncPath(temporary);
      const { size: bytes } = Bun.file(temporary);
      await rename(temporary, path);
      return { dataset: source.name, generation: source.generation, path, rows, bytes };
    } catch (error) {
      throw toAppError(error);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Gives the number of rows. */
  async toCsv(source: DatasetSource, write: (bytes: Uint8Array) => Promise<void>): Promise<number> {
    const { queries, principal } = this.deps;
    const sql = `SELECT * FROM "${source.name.replaceAll('"', '""')}"`;
    const request = {
      principal,
      requestId: crypto.randomUUID(),
      signal: new AbortController().signal,
      fresh: true,
    };
    const { answer } = await queries.sql({ sql }, 'csv', request);
    for await (const bytes of answer.chunks()) await write(bytes);
    return (await answer.done).rowCount;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
