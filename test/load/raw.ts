import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

const HEAD_END = '\r\n\r\n';

/** Reads chunks from `at`; gives the body and where it ends, undefined while it is not whole. */
function chunked(text: string, at: number): { body: string; end: number } | undefined {
  let body = '';
  for (let from = at; ; ) {
    const line = text.indexOf('\r\n', from);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(from, line), 16);
    const end = line + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { body, end };
    body += text.slice(line + 2, line + 2 + size);
    from = end;
  }
}

/** Cuts what a connection gave into answers. What is left over is an answer of status 0. */
export function answersIn(text: string): RawAnswer[] {
  const found: RawAnswer[] = [];
  let at = 0;
  while (at < text.length) {
    const headEnd = text.indexOf(HEAD_END, at);
    const head = text.slice(at, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
    if (headEnd < 0 || status === 0) return [...found, { status: 0, head: text.slice(at), body: '' }];
    const start = headEnd + HEAD_END.length;
    if (/^transfer-encoding: chunked$/im.test(head)) {
      const read = chunked(text, start);
      if (!read) return [...found, { status: 0, head: text.slice(at), body: '' }];
      found.push({ status, head, body: read.body });
      at = read.end;
      continue;
    }
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    found.push({ status, head, body: text.slice(start, start + length) });
    at = start + length;
  }
  return found;
}

/** A connection that sends bytes as they are, in the given pieces, and keeps what it is sent. */
export class RawConnection {
  received = '';
  isClosed = false;
  readonly closed: Promise<void>;
  readonly socket: Socket;

  constructor(url: string, options: { from?: string } = {}) {
    const { hostname, port } = new URL(url);
    this.socket = connect({
      host: hostname,
      port: Number(port),
      ...(options.from === undefined ? {} : { localAddress: options.from }),
    });
    this.closed = new Promise((resolve) => {
      // A reset is one way to be closed: `close` follows it.
      this.socket.on('error', () => this.socket.destroy());
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
    this.socket.on('data', (data) => {
      this.received += data.toString('latin1');
    });
  }

  get answers(): RawAnswer[] {
    return answersIn(this.received);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }
}
