import type { DuckDBInstance } from '@duckdb/node-api';
import { AppError } from '../base/errors.ts';
import type { FencedInstance, OpenInstance } from '../drivers/duckdb/instance.ts';

/** Instances without a statement that are kept for the next one over the same files. */
const KEPT = 2;

/** DuckDB 1.5 refuses everything more in an instance after some errors. */
const isLost = (error: unknown) =>
  error instanceof Error && /^(?:FATAL|INTERNAL) Error|has been invalidated/.test(error.message);

interface Fenced {
  opening: Promise<FencedInstance>;
  users: number;
}

function close({ opening }: Fenced): void {
  opening.then(
    (opened) => opened.close(),
    () => undefined,
  );
}

/** Instances of DuckDB by the files that they can open: a statement gets one that opens the files of its datasets and no others. */
export class FencedInstances {
  /** The least recently used first. */
  readonly #fenced = new Map<string, Fenced>();
  /** Opening an instance takes as long as many a statement, so one waits for files that no other has. */
  #next: Promise<OpenInstance> | undefined;

  constructor(readonly open: () => Promise<OpenInstance>) {
    this.#prepare();
  }

  /** Runs `work` with an instance for these files. */
  async with<T>(files: readonly string[], work: (instance: DuckDBInstance) => Promise<T>): Promise<T> {
    const key = JSON.stringify([...files].sort());
    const fenced = this.#fenced.get(key) ?? { opening: this.#fence(files), users: 0 };
    // One that could not be opened is not kept.
    fenced.opening.catch(() => this.#fenced.delete(key));
    this.#fenced.delete(key);
    this.#fenced.set(key, fenced);
    fenced.users++;
    try {
      const { instance } = await fenced.opening;
      return await work(instance);
    } catch (error) {
      if (!isLost(error)) throw error;
      if (this.#fenced.get(key) === fenced) this.#fenced.delete(key);
      throw new AppError('worker.died', 'DuckDB failed while it ran the query; it may be sent again', {
        cause: error,
      });
    } finally {
      fenced.users--;
      // After the answer: closing one takes a millisecond or two.
      setImmediate(() => {
        if (fenced.users === 0 && this.#fenced.get(key) !== fenced) close(fenced);
        this.#closeIdle();
      });
    }
  }

  async #fence(files: readonly string[]): Promise<FencedInstance> {
    const opening = this.#next ?? this.open();
    this.#next = undefined;
    const opened = await opening;
    return opened.fence({ files, folders: [] });
  }

  #prepare(): void {
    this.#next ??= this.open();
    // The statement that takes it gets the error.
    this.#next.catch(() => undefined);
  }

  #closeIdle(): void {
    this.#prepare();
    const idle = [...this.#fenced].filter(([, { users }]) => users === 0);
    for (const [key, fenced] of idle.slice(0, Math.max(0, idle.length - KEPT))) {
      this.#fenced.delete(key);
      close(fenced);
    }
  }
}
