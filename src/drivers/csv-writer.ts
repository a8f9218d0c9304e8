import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../base/errors.ts';
import { FULL, hasCode } from '../base/system-error.ts';

/** A file of CSV rows: no header, `"` doubled inside quotes, an empty field for null and `""` for the empty text, lines end with LF. */
export interface CsvFile {
  path: string;
  rows: number;
  bytes: number;
  /** Bytes of the longest row. */
  longest: number;
  /** There may be a year before Christ among the dates. */
  hasEra: boolean;
}

export interface CsvWriterOptions {
  /** The path of the next file. */
  newFile(): string;
  /** A file ends at the first row past either. */
  fileBytes: number;
  fileRows: number;
  /** A file is complete; the next one waits until this resolves. */
  onFile(file: CsvFile): Promise<void>;
}

const BLOCK_BYTES = 1 << 20;
/** Blocks that wait for the disk, or for whoever takes the files, before a driver is to stop reading. */
const BLOCKS_AHEAD = 8;
const ERA = Buffer.from(' BC');

/** A full disk is said to be one, so that nobody takes it for a failure of the server that is read. */
function diskError(error: unknown): unknown {
  if (!hasCode(error, ...FULL)) return error;
  return new AppError('storage.full', 'There is no room on the disk for the rows that were read', {
    cause: error,
  });
}

/** Rows go into memory a block at a time, and from there to files. A driver writes into `block` at `length` after `reserve`. */
export class CsvWriter {
  block = Buffer.allocUnsafe(BLOCK_BYTES);
  length = 0;
  #rows = 0;
  #longest = 0;
  #fileRows = 0;
  #fileBytes = 0;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #error: unknown;
  #file: { handle: FileHandle; facts: CsvFile } | undefined;

  constructor(readonly options: CsvWriterOptions) {}

  /** The driver should read no more until `drained`. */
  get isFull(): boolean {
    return this.#waiting >= BLOCKS_AHEAD;
  }

  /** Makes room for a whole row. */
  reserve(bytes: number): void {
    if (this.length + bytes <= this.block.length) return;
    this.#handOver(false);
    if (bytes > this.block.length) this.block = Buffer.allocUnsafe(bytes);
  }

  /** What was written since the row's start is a row. */
  endRow(bytes: number): void {
    this.#rows++;
    this.#fileRows++;
    this.#fileBytes += bytes;
    if (bytes > this.#longest) this.#longest = bytes;
    const { fileBytes, fileRows } = this.options;
    if (this.#fileBytes < fileBytes && this.#fileRows < fileRows) return;
    this.#handOver(true);
  }

  /** Resolves when there is room again; rejects when the disk or the taker failed. */
  async drained(): Promise<void> {
    await this.#tail;
    if (this.#error !== undefined) throw this.#error;
  }

  /** Writes what is left, and waits until all is taken. */
  async end(): Promise<void> {
    this.#handOver(true);
    await this.drained();
  }

  /** After a failure: closes the file that is open; it stays where it is. */
  async abandon(): Promise<void> {
    await this.#tail;
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #handOver(endsFile: boolean): void {
    const { block, length } = this;
    const [rows, longest] = [this.#rows, this.#longest];
    this.#rows = 0;
    this.#longest = 0;
    this.length = 0;
    if (endsFile) {
      this.#fileRows = 0;
      this.#fileBytes = 0;
    }
    this.block = Buffer.allocUnsafe(BLOCK_BYTES);
    this.#waiting++;
    this.#tail = this.#tail.then(async () => {
      try {
        if (this.#error === undefined) await this.#write(block.subarray(0, length), rows, longest, endsFile);
      } catch (error) {
        this.#error = diskError(error);
      } finally {
        this.#waiting--;
      }
    });
  }

  async #write(bytes: Buffer, rows: number, longest: number, endsFile: boolean): Promise<void> {
    if (bytes.length > 0) {
      if (!this.#file) {
        const path = this.options.newFile();
        const facts = { path, rows: 0, bytes: 0, longest: 0, hasEra: false };
        this.#file = { handle: await open(path, 'wx', 0o600), facts };
      }
      const { handle, facts } = this.#file;
      await handle.writeFile(bytes);
      facts.rows += rows;
      facts.bytes += bytes.length;
      facts.longest = Math.max(facts.longest, longest);
      facts.hasEra ||= bytes.includes(ERA);
    }
    if (!endsFile || !this.#file) return;
    const { handle, facts } = this.#file;
    this.#file = undefined;
    await handle.close();
    await this.options.onFile(facts);
  }
}
