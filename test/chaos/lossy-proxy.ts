import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a client of PostgreSQL sends to end a transaction, as our sessions do. */
const COMMIT = Buffer.from('commit\0');

/**
 * Stands before a PostgreSQL server. While it is lossy, of some commits the server hears and the client never gets an answer: the connection
 * breaks in between.
 */
export class LossyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #commits = 0;
  /** One of so many commits loses its answer; 0: none. */
  oneOf = 0;
  lost = 0;

  private constructor(readonly to: number) {
    this.#server = createServer((client) => this.#pass(client));
  }

  static async open(port: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  #pass(client: Socket): void {
    const server = connect(this.to, '127.0.0.1');
    let isLosing = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (this.oneOf > 0 && bytes.includes(COMMIT) && ++this.#commits % this.oneOf === 0) isLosing = true;
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (!isLosing) client.write(bytes);
      else {
        // It has answered: it has committed.
        this.lost++;
        client.destroy();
      }
    });
  }

  async [Symbol.asyncDispose]() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
