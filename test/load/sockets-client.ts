/** What a process that holds many WebSockets is told, by IPC. */
export type SocketsOrder = { kind: 'open'; count: number } | { kind: 'close' };

/** What it tells of all of them. */
export interface SocketsReport {
  open: number;
  /** Answers to handshakes that were none. */
  refused: Record<string, number>;
  closed: number;
  /** Sockets that heard so, by the type of the message, and the generation where it has one. */
  heard: Record<string, number>;
}

/** Handshakes at once. */
const LANES = 50;
const REPORT_MS = 200;
const PING = 0x9;
const PONG = 0xa;
const NO_MASK = [0, 0, 0, 0];

const report: SocketsReport = { open: 0, refused: {}, closed: 0, heard: {} };
const sockets = new Set<Bun.Socket<Held>>();

interface Held {
  isOpen: boolean;
  buffer: Buffer;
  heard: Set<string>;
  settled(): void;
}

/** Frames of a server are not masked; those of a client are, here with zeros. */
function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('too long for a short frame');
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, ...NO_MASK]), payload]);
}

function hear(socket: Bun.Socket<Held>, opcode: number, payload: Buffer): void {
  if (opcode === PING) socket.write(frame(PONG, payload.toString()));
  if (opcode !== 1) return;
  const { type, dataset } = JSON.parse(payload.toString()) as {
    type: string;
    dataset?: { generation: number };
  };
  const what = dataset ? `${type} ${dataset.generation}` : type;
  const { heard } = socket.data;
  if (heard.has(what)) return;
  heard.add(what);
  report.heard[what] = (report.heard[what] ?? 0) + 1;
}

function readFrames(socket: Bun.Socket<Held>): void {
  for (;;) {
    const { buffer } = socket.data;
    if (buffer.length < 2) return;
    const short = buffer[1]! & 0x7f;
    const head = short === 126 ? 4 : 2;
    if (short === 127 || buffer.length < head) return;
    const length = short === 126 ? buffer.readUInt16BE(2) : short;
    if (buffer.length < head + length) return;
    socket.data.buffer = buffer.subarray(head + length);
    hear(socket, buffer[0]! & 0xf, buffer.subarray(head, head + length));
  }
}

function read(socket: Bun.Socket<Held>, bytes: Buffer): void {
  const { data } = socket;
  data.buffer = data.buffer.length === 0 ? Buffer.from(bytes) : Buffer.concat([data.buffer, bytes]);
  if (!data.isOpen) {
    const end = data.buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const status = data.buffer.toString('latin1', 9, 12);
    if (status !== '101') {
      report.refused[status] = (report.refused[status] ?? 0) + 1;
      socket.end();
      data.settled();
      return;
    }
    data.isOpen = true;
    report.open++;
    data.buffer = data.buffer.subarray(end + 4);
    socket.write(frame(1, `{"type":"subscribe","topics":["dataset:${process.env.LIVE_DATASET}"]}`));
    data.settled();
  }
  readFrames(socket);
}

async function open(url: URL, token: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const head = [
    `GET /api/live HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    `Authorization: Bearer ${token}`,
  ];
  await Bun.connect<Held>({
    hostname: url.hostname,
    port: Number(url.port),
    data: { isOpen: false, buffer: Buffer.alloc(0), heard: new Set(), settled: resolve },
    socket: {
      open(socket) {
        sockets.add(socket);
        socket.write(`${head.join('\r\n')}\r\n\r\n`);
      },
      data: read,
      close(socket) {
        sockets.delete(socket);
        if (socket.data.isOpen) report.closed++;
        resolve();
      },
      error: () => resolve(),
    },
  });
  await promise;
}

/** Holds WebSockets that subscribe to a dataset, until it is told to let go. */
function main(url: URL, token: string): void {
  process.on('message', async (order: SocketsOrder) => {
    if (order.kind === 'close') {
      for (const socket of sockets) socket.end();
      return;
    }
    let left = order.count;
    const lane = async () => {
      while (left-- > 0) await open(url, token);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  });
  setInterval(() => process.send!(report), REPORT_MS);
}

if (import.meta.main) main(new URL(process.env.LIVE_URL!), process.env.LIVE_TOKEN!);
