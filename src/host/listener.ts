import {
  openDescriptors,
  type PortState,
  portState,
  type Registration,
  registrationOf,
} from './descriptors.ts';
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

/** The most that the header of a packet can say. */
const MOST_HOPS = 255;

/** As far as the system lets us: a socket of IPv4 alone refuses the second option, one of IPv6 may have connections of both. */
function hearFrom(libc: Libc, descriptor: number, leastHops: number): void {
  const value = new Int32Array([leastHops]);
  libc.setsockopt(descriptor, LINUX.IPPROTO_IP, LINUX.IP_MINTTL, value, value.byteLength);
  libc.setsockopt(descriptor, LINUX.IPPROTO_IPV6, LINUX.IPV6_MINHOPCOUNT, value, value.byteLength);
}

/**
 * The kernel drops what would begin a connection: no packet that took a way has as many hops left. A filter on the socket (SO_ATTACH_FILTER)
 * would say so in plain words, but of TCP sockets the kernel lets only CAP_NET_ADMIN attach one (Linux 5d39580f68e6).
 */
const dropNewConnections = (libc: Libc, descriptor: number) => hearFrom(libc, descriptor, MOST_HOPS);

/** Connections whose handshake ended meanwhile are as deaf as the socket that they came from. */
function hearOpenConnections(libc: Libc, listening: number, port: number): void {
  for (const [descriptor, what] of openDescriptors())
    if (what.startsWith('socket:') && descriptor !== listening && portOf(libc, descriptor) === port)
      hearFrom(libc, descriptor, 0);
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
      let state: PortState | undefined;
      do {
        await Bun.sleep(5);
        state = portState(port);
      } while (state?.arriving !== 0 && performance.now() < until);
      // Without a descriptor to look with, there was none to accept a connection with either.
      if (state) hearOpenConnections(this.libc, this.descriptor, port);
    }
    this.#epoll(LINUX.EPOLL_CTL_DEL);
    // Anything that is open will do until Bun closes it, and takes no further descriptor, of which none may be left.
    this.#replace(this.registration.epoll);
  }
}
