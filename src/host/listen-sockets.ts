import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { checked, LINUX, type Libc } from './libc.ts';

/** An address of this machine, as the kernel takes it. */
interface Place {
  family: number;
  bytes: Uint8Array;
}

function place(address: string, port: number): Place {
  const parsed = ipaddr.parse(address);
  const isIpv6 = parsed.kind() === 'ipv6';
  const bytes = new Uint8Array(isIpv6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  const family = isIpv6 ? LINUX.AF_INET6 : LINUX.AF_INET;
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  bytes.set(parsed.toByteArray(), isIpv6 ? 8 : 4);
  return { family, bytes };
}

/** The port that a socket is bound to; 0 for one that is not of IPv4 or IPv6. */
export function portOf(libc: Libc, descriptor: number): number {
  const bytes = new Uint8Array(28);
  checked(libc, 'getsockname', libc.getsockname(descriptor, bytes, new Uint32Array([28])));
  const view = new DataView(bytes.buffer);
  const family = view.getUint16(0, true);
  return family === LINUX.AF_INET || family === LINUX.AF_INET6 ? view.getUint16(2) : 0;
}

/**
 * Listening sockets of one address and port, each with a queue of its own: the kernel spreads connections over them. They are kept by
 * this process, so that a connection in a queue waits for the next process that accepts there, whatever became of the one before.
 */
export class ListenSockets {
  readonly #libc: Libc;
  readonly #address: string;
  readonly #backlog: number;
  readonly port: number;

  private constructor(libc: Libc, address: string, port: number, backlog: number) {
    this.#libc = libc;
    this.#address = address;
    this.#backlog = backlog;
    this.port = port;
  }

  /** Takes the port; 0 picks a free one. Rejects with the system's error (EADDRINUSE, EACCES, ENOTFOUND) when it cannot be had. */
  static async claim(libc: Libc, host: string, port: number, backlog: number): Promise<ListenSockets> {
    const { address } = await lookup(host);
    // Without SO_REUSEPORT it fails where anybody listens already.
    const probe = bound(libc, place(address, port), [LINUX.SO_REUSEADDR]);
    try {
      checked(libc, 'listen', libc.listen(probe, 1));
      return new ListenSockets(libc, address, portOf(libc, probe), backlog);
    } finally {
      libc.close(probe);
    }
  }

  /** Continues with sockets that were inherited. */
  static async of(libc: Libc, host: string, descriptor: number, backlog: number): Promise<ListenSockets> {
    const { address } = await lookup(host);
    return new ListenSockets(libc, address, portOf(libc, descriptor), backlog);
  }

  /** One more socket; gives its descriptor. */
  open(): number {
    const libc = this.#libc;
    const options = [LINUX.SO_REUSEADDR, LINUX.SO_REUSEPORT];
    const descriptor = bound(libc, place(this.#address, this.port), options);
    checked(libc, 'listen', libc.listen(descriptor, this.#backlog));
    return descriptor;
  }

  /** Gives a socket up: the kernel refuses what waits in its queue and sends what comes to the others. */
  close(descriptor: number): void {
    this.#libc.close(descriptor);
  }
}

function bound(libc: Libc, { family, bytes }: Place, options: readonly number[]): number {
  const type = LINUX.SOCK_STREAM | LINUX.SOCK_NONBLOCK | LINUX.CLOEXEC;
  const descriptor = checked(libc, 'socket', libc.socket(family, type, 0));
  try {
    const on = new Int32Array([1]);
    for (const option of options)
      checked(libc, 'setsockopt', libc.setsockopt(descriptor, LINUX.SOL_SOCKET, option, on, on.byteLength));
    checked(libc, 'bind', libc.bind(descriptor, bytes, bytes.byteLength));
    return descriptor;
  } catch (error) {
    libc.close(descriptor);
    throw error;
  }
}
