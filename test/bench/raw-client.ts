import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /content-length: (\d+)/i;

/** One keep-alive connection that sends the same request again as soon as it has its answer. */
class Connection {
  answers = 0;
  readonly #socket: Socket;
  readonly #request: Buffer;
  #pending: Buffer = Buffer.alloc(0);
  #stopped = false;
  readonly closed: Promise<void>;

  constructor(url: URL, request: Buffer) {
    this.#request = request;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.on('connect', () => this.#socket.write(request));
    this.#socket.on('data', (data) => this.#receive(Buffer.from(data)));
    this.closed = new Promise((resolve, reject) => {
      this.#socket.on('close', () => resolve());
      this.#socket.on('error', reject);
    });
  }

  #receive(data: Buffer): void {
    this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    for (;;) {
      const headEnd = this.#pending.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = this.#pending.toString('latin1', 0, headEnd);
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(head);
      const end = headEnd + HEAD_END.length + Number(LENGTH.exec(head)?.[1]);
      if (this.#pending.length < end) return;
      this.#pending = this.#pending.subarray(end);
      this.answers++;
      if (this.#stopped) this.#socket.end();
      else this.#socket.write(this.#request);
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Answers a second that a server gives to `connections` clients in `seconds`, all sending the same request. */
export async function answersPerSecond(
  address: string,
  init: { method: string; headers: Record<string, string>; body: string },
  connections: number,
  seconds: number,
): Promise<number> {
  const url = new URL(address);
  const headers = { host: url.host, 'content-length': String(Buffer.byteLength(init.body)), ...init.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(
    `${init.method} ${url.pathname}${url.search} HTTP/1.1\r\n${head.join('')}\r\n${init.body}`,
  );
  const clients = Array.from({ length: connections }, () => new Connection(url, request));
  const started = performance.now();
  await Bun.sleep(seconds * 1000);
  const answers = clients.reduce((sum, client) => sum + client.answers, 0);
  const elapsedS = (performance.now() - started) / 1000;
  for (const client of clients) client.stop();
  await Promise.all(clients.map(({ closed }) => closed));
  return answers / elapsedS;
}
