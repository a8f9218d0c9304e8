import { createServer, type Server, type Socket } from 'node:net';
import { ENCRYPTION, type Login, preloginAnswer } from './login.ts';
import { MessageReader, PACKET, packet } from './packets.ts';
import type { Reply } from './reply.ts';
import type { Received } from './requests.ts';
import { Session } from './session.ts';
import { type Certificate, TlsBridge } from './tls-bridge.ts';
import type { ServerMessage, WireColumn } from './tokens.ts';
import type { Value } from './types.ts';

export type Answer = (reply: Reply, request: Received) => Promise<void> | void;

export interface TdsServerOptions {
  tls?: Certificate;
  /** Accepts connections and says nothing. */
  mute?: boolean;
}

interface Script {
  matches: string | RegExp;
  answer: Answer;
}

export const USER = { user: 'reader', password: 'Sécret-ß-€1', database: 'shop' };

const TLS_HANDSHAKE = 0x16;

/** Rows of a result; nulls travel in bitmaps where `sparse`. */
export const result =
  (columns: readonly WireColumn[], rows: readonly (readonly Value[])[], sparse = false): Answer =>
  (reply) => {
    reply.columns(columns);
    for (const values of rows)
      if (sparse) reply.sparseRow(...values);
      else reply.row(...values);
  };

export const failure =
  (error: ServerMessage): Answer =>
  (reply) =>
    void reply.error(error);

/**
 * A server that speaks TDS 7.4 (and 8 with TLS) on a loopback port and answers from a script: the last registered match counts.
 * What it was asked is kept in order. Written from [MS-TDS].
 */
export class TdsServer implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly logins: Login[] = [];
  attentions = 0;
  connections = 0;
  #refusals: ServerMessage[] = [];
  #scripts: Script[] = [];
  #server: Server | undefined;
  #bridge: TlsBridge | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Session>();

  constructor(readonly options: TdsServerOptions = {}) {}

  static async start(options: TdsServerOptions = {}): Promise<TdsServer> {
    const server = new TdsServer(options);
    await server.start();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Open sessions with a transaction that was not ended. */
  get inTransaction(): number {
    return [...this.#sessions].filter((session) => session.inTransaction).length;
  }

  /** The statements that ran by `sp_executesql`. */
  get statements(): Received[] {
    return this.received.filter(({ procedure }) => procedure === 'sp_executesql');
  }

  on(matches: string | RegExp, answer: Answer): this {
    this.#scripts.unshift({ matches, answer });
    return this;
  }

  /** Refuses the next login. */
  refuseLogin(error: ServerMessage): this {
    this.#refusals.push(error);
    return this;
  }

  async start(): Promise<void> {
    if (this.options.tls) {
      this.#bridge = new TlsBridge(this.options.tls);
      await this.#bridge.listen();
    }
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve),
    );
    const address = server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  /** Ends every connection, as a server that is restarted does; `start` opens the same port again. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    await this.#bridge?.close();
    this.#server = undefined;
    this.#bridge = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (this.options.mute) return void socket.resume();
    socket.once('data', (first: Buffer) => {
      if (first[0] === TLS_HANDSHAKE) {
        this.#secure(socket, first, false);
        return;
      }
      const [prelogin] = new MessageReader().push(first);
      const encryption = this.#bridge ? ENCRYPTION.on : ENCRYPTION.notSupported;
      if (prelogin?.type !== PACKET.prelogin) return void socket.destroy();
      if (this.#bridge) this.#secure(socket, Buffer.alloc(0), true);
      else this.#serve(socket);
      socket.write(packet(PACKET.result, preloginAnswer(encryption), true));
    });
  }

  #secure(socket: Socket, first: Buffer, wrapped: boolean): void {
    if (!this.#bridge) return void socket.destroy();
    socket.pause();
    this.#bridge.lead(socket, first, wrapped, (secure) => this.#serve(secure));
  }

  #serve(stream: Socket): void {
    const session = new Session(stream, {
      refusal: (login) => this.#refusals.shift() ?? refusalOf(login),
      loggedIn: (login) => this.logins.push(login),
      attended: () => void this.attentions++,
      answer: (request, reply) => this.#answer(request, reply),
    });
    this.#sessions.add(session);
    stream.on('close', () => this.#sessions.delete(session));
  }

  #answer(request: Received, reply: Reply): Promise<void> | void {
    this.received.push(request);
    const { text } = request;
    const script = this.#scripts.find(({ matches }) =>
      typeof matches === 'string' ? matches === text : matches.test(text),
    );
    if (script) return script.answer(reply, request);
    if (request.kind === 'procedure')
      reply.error({ number: 50_000, message: `nothing is scripted for: ${text}` });
  }
}

function refusalOf({ user, password, database }: Login): ServerMessage | undefined {
  if (user !== USER.user || password !== USER.password)
    return { number: 18_456, message: `Login failed for user '${user}'.` };
  if (database !== USER.database)
    return { number: 4060, message: `Cannot open database "${database}" requested by the login.` };
  return undefined;
}
