import { EventEmitter } from 'node:events';
import { Connection } from 'tedious';
import type Message from 'tedious/lib/message';
import type { TokenHandler } from 'tedious/lib/token/handler';
import type { ParserOptions } from 'tedious/lib/token/stream-parser';
import StreamParser from 'tedious/lib/token/stream-parser';
import type { Token } from 'tedious/lib/token/token';
import type { Parser as TokenStreamParser } from 'tedious/lib/token/token-stream-parser';
import { NULL_BITMAP_ROW, ROW, type RowReader } from './row-reader.ts';

/*
 * tedious (20.3.9) has no way to decode rows otherwise than it does. Its parts below are private in name only;
 * test/unit/drivers/mssql-*.test.ts and the compiler fail when an upgrade moves them.
 */

class SourceStreamParser extends StreamParser {
  constructor(
    options: ParserOptions,
    readonly rows: () => RowReader | undefined,
  ) {
    super(options);
  }

  override write(chunk: Buffer): void {
    super.write(chunk);
    const rows = this.rows();
    rows?.arrived(chunk.length);
  }

  override readToken(): Token | undefined {
    const type = this.buffer[this.position];
    const rows = type === ROW || type === NULL_BITMAP_ROW ? this.rows() : undefined;
    return rows ? this.startTokenReader(rows.start(type!)) : super.readToken();
  }
}

/** What tedious's own parser of a message does, with our reader of rows. */
class MessageParser extends EventEmitter {
  paused = false;
  #resume: (() => void) | undefined;

  constructor(message: Message, handler: TokenHandler, parser: StreamParser) {
    super();
    this.#run(message, handler, parser).then(
      () => process.nextTick(() => this.emit('end')),
      (error: unknown) => process.nextTick(() => this.emit('error', error)),
    );
  }

  async #run(message: Message, handler: TokenHandler, parser: StreamParser): Promise<void> {
    const handlers = handler as unknown as Record<string, (token: Token) => void>;
    // No `for await`: it would destroy the message when a token cannot be read.
    const chunks = message[Symbol.asyncIterator]();
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      parser.write(next.value as Buffer);
      for (;;) {
        while (this.paused) await new Promise<void>((resolve) => (this.#resume = resolve));
        const token = parser.read();
        if (token === undefined) break;
        handlers[token.handlerName]!(token);
      }
    }
    parser.end();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#resume?.();
    this.#resume = undefined;
  }
}

/** A connection whose rows go into `rows` while it is set. */
export class SourceConnection extends Connection {
  rows: RowReader | undefined;

  override createTokenStreamParser(message: Message, handler: TokenHandler): TokenStreamParser {
    const parser = new SourceStreamParser(this.config.options, () => this.rows);
    return new MessageParser(message, handler, parser) as unknown as TokenStreamParser;
  }
}
