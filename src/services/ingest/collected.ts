import { type FileHandle, open } from 'node:fs/promises';
import type { TemplateValues } from '../../domain/template.ts';
import type { FileFormat } from '../../domain/upload.ts';
import { toAppError } from '../../lake/engine-errors.ts';

/** What a source is asked with in one run. */
export interface Collecting {
  values: TemplateValues;
  /** What it remembered after the last run that was published; undefined at first. */
  mark: unknown;
  /** A look at what is there, not a run: one page, one file. */
  isProbe?: boolean | undefined;
  /** The path of a new file; whoever takes one need not remove it. */
  newFile(): Promise<string>;
  onBytes(bytes: number): void;
  /** A line for the run's log. */
  log(text: string, facts: Record<string, unknown>): void;
  signal: AbortSignal;
}

/** A file that holds rows, to be loaded as an upload would be. */
export interface CollectedFile {
  path: string;
  /** As people know it. */
  name: string;
  mediaType?: string | undefined;
  format?: FileFormat | undefined;
  /** What to remember once its rows are published. */
  mark: unknown;
}

/** Files that a source gives, none where there are no rows; `isUnchanged`: what was published last is still all there is. */
export type Collected = { isUnchanged: true } | { isUnchanged: false; files: AsyncIterable<CollectedFile> };

/** Where the rows of sources that give files come from. */
export interface FileReader {
  /** Throws `source.*`, `outbound.*`, `secret.missing`, or the signal's reason. */
  collect(run: Collecting): Promise<Collected>;
  /** What was collected is published and remembered: what the source wants done afterwards. */
  published?(mark: unknown): Promise<void>;
}

/** Writes bytes to a file as they come; what stands there is replaced. Gives how many they were, and their SHA-256. */
export async function saveBytes(
  source: AsyncIterable<Uint8Array>,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<{ bytes: number; hash: string }> {
  const hash = new Bun.CryptoHasher('sha256');
  let file: FileHandle | undefined;
  let bytes = 0;
  try {
    file = await open(path, 'w', 0o600);
    for await (const chunk of source) {
      await file.writeFile(chunk);
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(chunk.length);
    }
    return { bytes, hash: hash.digest('hex') };
  } catch (error) {
    throw toAppError(error);
  } finally {
    await file?.close();
  }
}
