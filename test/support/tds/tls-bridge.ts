import { connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { MessageReader, PACKET, packet } from './packets.ts';

export interface Certificate {
  key: string;
  cert: string;
}

/**
 * A TLS server on a loopback port that a connection's bytes are led through: TDS 7.x wraps the handshake into PRELOGIN packets
 * ([MS-TDS] 3.2.5.1) and sends TLS records bare afterwards, TDS 8 sends them bare from the start.
 */
export class TlsBridge {
  readonly #server: Server;
  readonly #waiting = new Map<number, (secure: Socket) => void>();

  constructor(certificate: Certificate) {
    this.#server = createServer({ ...certificate, ALPNProtocols: ['tds/8.0'] }, (secure) => {
      const port = secure.remotePort ?? 0;
      this.#waiting.get(port)?.(secure);
      this.#waiting.delete(port);
    });
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** `first` are bytes that were read already. `wrapped`: the handshake travels in PRELOGIN packets. */
  lead(client: Socket, first: Buffer, wrapped: boolean, onSecure: (secure: Socket) => void): void {
    const address = this.#server.address();
    const inner = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
    inner.once('connect', () => {
      this.#waiting.set(inner.localPort ?? 0, onSecure);
      const reader = new MessageReader();
      let bare = !wrapped;
      const forward = (chunk: Buffer) => {
        bare ||= chunk[0] !== PACKET.prelogin && reader.rest().length === 0;
        if (bare) inner.write(chunk);
        else for (const { payload } of reader.push(chunk)) inner.write(payload);
      };
      client.on('data', forward);
      inner.on('data', (chunk: Buffer) => client.write(bare ? chunk : packet(PACKET.prelogin, chunk, true)));
      if (first.length > 0) forward(first);
      client.resume();
    });
    const end = () => {
      inner.destroy();
      client.destroy();
    };
    for (const socket of [inner, client]) socket.on('close', end).on('error', end);
  }
}
