import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../base/errors.ts';
import { toAppError } from './engine-errors.ts';
import { type Folders, temporaryName } from './folders.ts';

/** An upload on its way to the disk. Nobody else sees the file; `discard` removes it. */
export class Staging {
  #file: FileHandle | undefined;
  #bytes = 0;

  private constructor(
    readonly path: string,
    readonly maxBytes: number,
    file: FileHandle,
  ) {
    this.#file = file;
  }

  static async open({ uploads }: Folders, maxBytes: number): Promise<Staging> {
    const path = join(uploads, temporaryName());
    return new Staging(path, maxBytes, await open(path, 'wx', 0o600));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `request.tooLarge` past the limit and `storage.full`. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > this.maxBytes)
      throw new AppError('request.tooLarge', `The file is larger than ${this.maxBytes} bytes`, {
        pointer: '/file',
        params: { limit: 'UPLOAD_MAX_BYTES', maxBytes: this.maxBytes },
      });
    try {
      await this.#file?.writeFile(chunk);
    } catch (error) {
      throw toAppError(error);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}
