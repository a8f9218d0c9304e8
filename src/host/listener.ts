import { ptr } from 'bun:ffi';
import { openDescriptors, portState, type Registration, registrationOf } from './descriptors.ts';
import { checked, LINUX, type Libc, openLibc } from './libc.ts';
import { portOf } from './listen-sockets.ts';

/** Longest wait for handshakes that had begun when new ones were turned away. */
const SETTLE_MS = 1000;

/** `struct epoll_event`, which is packed on x64 only. */
function eventBytes({ events, data }: Registration): Uint8Array {
  const at = process.arch === 'x64' ? 4 : 8;
  const view = new DataView(new ArrayBuffer(at + 8));
  view.setUint32(0, events, true);
  view.setBigUint64(at, data, true);
  return new Uint8Array(view.buffer);
}

/** Classic BPF over the TCP header: drops a segment that has SYN and no ACK, lets all others pass. */
const DROP_SYN: readonly [code: number, ifTrue: number, ifFalse: number, value: number][] = [
  [0x30, 0, 0, 13], // load the flags
  [0x54, 0, 0, 0x12], // and SYN | ACK
  [0x15, 0, 1, 0x02], // equal SYN?
  [0x06, 0, 0, 0],
  [0x06, 0, 0, 0xffffffff],
];

/** As far as the system lets us: Linux 6.18 wants CAP_NET_ADMIN for it, which a service has not. */
function dropNewConnections(libc: Libc, descriptor: number): void {
  const program = new DataView(new ArrayBuffer(DROP_SYN.length * 8));
  DROP_SYN.forEach(([code, ifTrue, ifFalse, value], i) => {
    program.setUint16(i * 8, code, true);
    program.setUint8(i * 8 + 2, ifTrue);
    program.setUint8(i * 8 + 3, ifFalse);
    program.setUint32(i * 8 + 4, value, true);
  });
  const instructions = new Uint8Array(program.buffer);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, DROP_SYN.length, true);
  header.setBigUint64(8, BigInt(ptr(instructions)), true);
  const bytes = new Uint8Array(header.buffer);
  try {
    const result = libc.setsockopt(descriptor, LINUX.SOL_SOCKET, LINUX.SO_ATTACH_FILTER, bytes, 16);
    checked(libc, 'setsockopt', result);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

function isListening(libc: Libc, descriptor: number): boolean {
  const value = new Int32Array(1);
  const { SOL_SOCKET, SO_ACCEPTCONN } = LINUX;
  const size = new Uint32Array([4]);
  return libc.getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, value, size) === 0 && value[0] === 1;
}

/**
 * The listening socket of a server of Bun, which itself (1.4.5) can neither be given a socket nor stop listening without closing idle
 * connections and refusing those in the queue.
 */
export class Listener {
  #isInherited = false;

  private constructor(
    readonly libc: Libc,
    readonly descriptor: number,
    readonly registration: Registration,
  ) {}

  /** Calls `listen` and finds the socket that it opened. Undefined where the system does not tell. */
  static find<S extends { port?: number | undefined }>(listen: () => S): [S, Listener | undefined] {
    if (process.platform !== 'linux') return [listen(), undefined];
    const before = openDescriptors();
    const server = listen();
    const libc = openLibc();
    for (const [descriptor, what] of openDescriptors()) {
      if (before.get(descriptor) === what || !what.startsWith('socket:')) continue;
      if (!isListening(libc, descriptor) || portOf(libc, descriptor) !== server.port) continue;
      const registration = registrationOf(descriptor);
      if (registration) return [server, new Listener(libc, descriptor, registration)];
    }
    return [server, undefined];
  }

  #replace(descriptor: number): void {
    checked(this.libc, 'dup3', this.libc.dup3(descriptor, this.descriptor, LINUX.CLOEXEC));
  }

  #epoll(operation: number): void {
    const { libc, descriptor, registration } = this;
    const result = libc.epoll_ctl(registration.epoll, operation, descriptor, eventBytes(registration));
    checked(libc, 'epoll_ctl', result);
  }

  /** From now on connections are accepted from an inherited listening socket; the server's own is closed. */
  adopt(inherited: number): void {
    this.#epoll(LINUX.EPOLL_CTL_DEL);
    this.#replace(inherited);
    this.#epoll(LINUX.EPOLL_CTL_ADD);
    this.libc.close(inherited);
    this.#isInherited = true;
  }

  /**
   * Accepts nothing more; connections that are open are not touched. An inherited socket stays with whoever else has it. One of our own
   * first lets in what is in its queue, while the kernel drops further attempts where it may (a client tries again within a second), and is then closed.
   */
  async close(port: number): Promise<void> {
    if (!this.#isInherited) {
      dropNewConnections(this.libc, this.descriptor);
      const until = performance.now() + SETTLE_MS;
      do await Bun.sleep(5);
      while (portState(port)?.arriving !== 0 && performance.now() < until);
    }
    this.#epoll(LINUX.EPOLL_CTL_DEL);
    // Anything that is open will do until Bun closes it, and takes no further descriptor, of which none may be left.
    this.#replace(this.registration.epoll);
  }
}
