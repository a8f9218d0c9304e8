import type { Duplex } from 'node:stream';
import { PACKET, PacketWriter } from './packets.ts';
import {
  columnMetadata,
  DONE,
  DONE_STATUS,
  doneToken,
  errorToken,
  infoToken,
  nullBitmapRow,
  returnStatus,
  row,
  type ServerMessage,
  type WireColumn,
} from './tokens.ts';
import type { Value } from './types.ts';

/** Thrown inside an answer once the client has sent an attention. */
export class Attention extends Error {}

/** One response message, written as the answer goes on. */
export class Reply {
  readonly #writer: PacketWriter;
  readonly #stream: Duplex;
  readonly #attention = Promise.withResolvers<void>();
  readonly #ofProcedure: boolean;
  #columns: readonly WireColumn[] = [];
  #rows = 0;
  #inResult = false;
  #failed = false;
  #attended = false;

  constructor(stream: Duplex, packetSize: number, ofProcedure: boolean) {
    this.#stream = stream;
    this.#ofProcedure = ofProcedure;
    this.#writer = new PacketWriter(PACKET.result, packetSize, (bytes) => stream.write(bytes));
  }

  /** The client wants no more of it. */
  attend(): void {
    this.#attended = true;
    this.#attention.resolve();
  }

  get attended(): boolean {
    return this.#attended;
  }

  /** The client does not read as fast as the answer is written. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows;
  }

  token(bytes: Buffer): this {
    this.#writer.write(bytes);
    return this;
  }

  columns(columns: readonly WireColumn[]): this {
    this.#columns = columns;
    this.#inResult = true;
    this.#rows = 0;
    return this.token(columnMetadata(columns));
  }

  row(...values: Value[]): this {
    this.#rows++;
    return this.token(row(this.#columns, values));
  }

  /** A row with its nulls in a bitmap, as SQL Server sends rows with many nulls. */
  sparseRow(...values: Value[]): this {
    this.#rows++;
    return this.token(nullBitmapRow(this.#columns, values));
  }

  error(error: ServerMessage): this {
    this.#failed = true;
    return this.token(errorToken(error));
  }

  info(info: ServerMessage): this {
    return this.token(infoToken(info));
  }

  /** Ends what was sent so far and waits until the client takes more. Throws Attention when it wants no more. */
  async drain(): Promise<void> {
    if (this.#stream.writableNeedDrain) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#stream.once('drain', resolve).once('close', resolve);
      await Promise.race([promise, this.#attention.promise]);
    } else await new Promise((resolve) => setImmediate(resolve));
    if (this.#attended || this.#stream.destroyed) throw new Attention();
  }

  /** Waits for `until`, or for the attention, at which it throws. */
  async wait(until: Promise<unknown>): Promise<void> {
    await Promise.race([until, this.#attention.promise]);
    if (this.#attended) throw new Attention();
  }

  /** Never answers; only an attention ends it. */
  hang(): Promise<void> {
    return this.wait(new Promise(() => undefined));
  }

  hangUp(): void {
    this.#stream.destroy();
  }

  end(): void {
    if (this.#stream.destroyed) return;
    const status = this.#failed || this.#attended ? DONE_STATUS.error : DONE_STATUS.count;
    if (this.#ofProcedure) {
      if (this.#inResult) this.token(doneToken(DONE.doneInProc, status | DONE_STATUS.more, this.#rows));
      this.token(returnStatus(this.#failed ? 1 : 0));
      this.token(doneToken(DONE.doneProc, this.#failed ? DONE_STATUS.error : 0));
    } else this.token(doneToken(DONE.done, this.#inResult || this.#failed ? status : 0, this.#rows));
    this.#writer.end();
  }
}
