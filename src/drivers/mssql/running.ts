import { Request } from 'tedious';
import type { ColumnMetadata } from 'tedious/lib/token/colmetadata-token-parser';
import { AppError } from '../../base/errors.ts';
import type { Column } from '../../domain/column.ts';
import type { Statement } from '../../domain/statement.ts';
import type { RunOptions } from '../driver.ts';
import { rowTooLarge } from '../row-bytes.ts';
import { bindAll } from './parameters.ts';
import { RowReader } from './row-reader.ts';
import type { Session } from './session.ts';
import { sourceColumn } from './values.ts';

const DEFAULT_BATCH_ROWS = 2048;

/** One run of a statement on one session. */
export class Running {
  readonly columns = Promise.withResolvers<readonly Column[]>();
  readonly request: Request;
  reader: RowReader | undefined;
  ended = false;
  error: unknown;
  #wake = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #fault: AppError | undefined;

  constructor(
    readonly session: Session,
    { text, params }: Statement,
    readonly options: RunOptions,
  ) {
    this.columns.promise.catch(() => undefined);
    this.request = new Request(text, (error) => this.#end(this.#fault ?? error));
    bindAll(this.request, params);
    this.request.on('columnMetadata', (metadata) => this.#begin(metadata as ColumnMetadata[]));
    this.request.on('row', () => {
      if (!this.reader?.full) return;
      this.request.pause();
      this.#wake.resolve();
    });
    session.connection.rows = undefined;
    session.connection.execSql(this.request);
  }

  #begin(metadata: ColumnMetadata[]): void {
    const { types, batchRows = DEFAULT_BATCH_ROWS, maxRowBytes = Number.POSITIVE_INFINITY } = this.options;
    const fault = this.reader
      ? 'The statement gives more than one result'
      : types && types.length !== metadata.length
        ? 'The statement gives other columns than expected'
        : undefined;
    if (fault) {
      this.#refuse(new AppError('query.failed', fault));
      return;
    }
    try {
      const source = metadata.map((one, index) => sourceColumn(one, types?.[index]));
      this.reader = new RowReader(source, batchRows, maxRowBytes, () => this.#giveUp(maxRowBytes));
    } catch (error) {
      this.#refuse(
        new AppError('query.unsupported', 'A column has a type that cannot be read', { cause: error }),
      );
      return;
    }
    this.session.connection.rows = this.reader;
    this.columns.resolve(this.reader.source.map(({ column }) => column));
  }

  #refuse(fault: AppError): void {
    this.#fault = fault;
    this.#cancel();
  }

  /** The rest of a row that is too large would come all the same, so its connection goes. */
  #giveUp(maxRowBytes: number): void {
    this.#fault ??= rowTooLarge(maxRowBytes);
    this.session.connection.rows = undefined;
    this.session.close();
  }

  /** Rows still arrive until the server has heard of it; they must not go where a reader may still look. */
  #cancel(): void {
    this.session.connection.rows = undefined;
    this.request.cancel();
  }

  #end(error: unknown): void {
    this.ended = true;
    this.error = error ?? undefined;
    this.session.connection.rows = undefined;
    if (!this.error && !this.reader) this.error = new AppError('query.failed', 'The statement gives no rows');
    if (this.error) this.columns.reject(this.error);
    this.#wake.resolve();
    this.#over.resolve();
  }

  /** Until a batch is full or the statement has ended. */
  async ready(): Promise<void> {
    await this.#wake.promise;
  }

  /** Lets the next batch come. */
  goOn(): void {
    if (this.ended) return;
    this.#wake = Promise.withResolvers();
    this.reader?.clear();
    this.request.resume();
  }

  /** Ends the statement on the server and waits until it has ended. */
  async stop(): Promise<void> {
    if (!this.ended) this.#cancel();
    await this.#over.promise;
  }
}
