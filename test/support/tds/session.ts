import type { Duplex } from 'node:stream';
import { ENCRYPTION, type Login, preloginAnswer, readLogin } from './login.ts';
import { type Message, MessageReader, PACKET, packet } from './packets.ts';
import { Attention, Reply } from './reply.ts';
import { type Received, readRequest } from './requests.ts';
import {
  collationChange,
  DONE,
  DONE_STATUS,
  databaseChange,
  doneToken,
  errorToken,
  loginAck,
  packetSizeChange,
  type ServerMessage,
  transactionBegun,
  transactionEnded,
} from './tokens.ts';

/** What a session asks of the server that it belongs to. */
export interface SessionHost {
  /** Undefined when the login is good. */
  refusal(login: Login): ServerMessage | undefined;
  loggedIn(login: Login): void;
  answer(request: Received, reply: Reply): Promise<void> | void;
  attended(): void;
}

const MAX_PACKET = 32_767;

/** One connection: login, then a response to each request, and an attention that ends the running one. */
export class Session {
  readonly #reader = new MessageReader();
  #packetSize = 4096;
  #running: Reply | undefined;
  #queue: Promise<void> = Promise.resolve();
  #transaction = false;

  constructor(
    readonly stream: Duplex,
    readonly host: SessionHost,
  ) {
    stream.on('data', (chunk: Buffer) => {
      for (const message of this.#reader.push(chunk)) this.#take(message);
    });
    stream.on('error', () => stream.destroy());
  }

  get inTransaction(): boolean {
    return this.#transaction;
  }

  #take(message: Message): void {
    if (message.type === PACKET.attention) {
      this.host.attended();
      this.#running?.attend();
      this.#enqueue(() => this.#send(doneToken(DONE.done, DONE_STATUS.attention)));
    } else if (message.ignored) this.#enqueue(() => this.#send(doneToken(DONE.done, DONE_STATUS.error)));
    else if (message.type === PACKET.prelogin) this.#send(preloginAnswer(ENCRYPTION.notSupported));
    else if (message.type === PACKET.login) this.#login(readLogin(message.payload));
    else this.#enqueue(() => this.#request(readRequest(message.type, message.payload)));
  }

  #enqueue(work: () => Promise<void> | void): void {
    this.#queue = this.#queue.then(work);
  }

  #send(payload: Buffer): void {
    if (!this.stream.destroyed) this.stream.write(packet(PACKET.result, payload, true));
  }

  #login(login: Login): void {
    const refusal = this.host.refusal(login);
    if (refusal) {
      this.#send(
        Buffer.concat([errorToken({ class: 14, ...refusal }), doneToken(DONE.done, DONE_STATUS.error)]),
      );
      this.stream.end();
      return;
    }
    this.host.loggedIn(login);
    const size = Math.min(Math.max(login.packetSize, 512), MAX_PACKET);
    this.#send(
      Buffer.concat([
        databaseChange(login.database, 'master'),
        collationChange(),
        loginAck(),
        packetSizeChange(size, this.#packetSize),
        doneToken(DONE.done, 0),
      ]),
    );
    this.#packetSize = size;
  }

  async #request(request: Received): Promise<void> {
    const reply = new Reply(this.stream, this.#packetSize, request.kind === 'procedure');
    this.#running = reply;
    try {
      this.#keepTransaction(request, reply);
      await this.host.answer(request, reply);
    } catch (error) {
      if (!(error instanceof Attention)) throw error;
    } finally {
      this.#running = undefined;
    }
    reply.end();
  }

  /** As with `SET IMPLICIT_TRANSACTIONS ON`: a SELECT begins a transaction that lasts until its end is asked for. */
  #keepTransaction({ kind, text }: Received, reply: Reply): void {
    const ends = kind === 'transaction' ? text === 'rollback' : /\b(?:ROLLBACK|COMMIT)\b/.test(text);
    if (ends && this.#transaction) {
      this.#transaction = false;
      reply.token(transactionEnded('rollback', 1n));
    } else if (!ends && !this.#transaction && kind === 'procedure') {
      this.#transaction = true;
      reply.token(transactionBegun(1n));
    }
  }
}
