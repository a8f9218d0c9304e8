import { dlopen } from 'bun:ffi';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './service-kit.ts';

const [AF_UNIX, SOCK_DGRAM, MSG_DONTWAIT] = [1, 2, 0x40];

/** The receiving end of sd_notify, as systemd has it: a datagram socket at a path, or at an abstract name (`@…`). */
export class NotifySocket {
  readonly #libc = dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    recv: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
    close: { args: ['i32'], returns: 'i32' },
  });
  readonly #folder = mkdtempSync(join(tmpdir(), 'notify-'));
  readonly #socket: number;
  readonly name: string;
  readonly messages: string[] = [];
  /** The kernel keeps some ten messages: whoever sends must not find it full. */
  readonly #timer = setInterval(() => this.#take(), 20);

  constructor(kind: 'path' | 'abstract' = 'path') {
    this.name = kind === 'path' ? join(this.#folder, 'notify') : `@reporting-test-${crypto.randomUUID()}`;
    this.#socket = this.#libc.symbols.socket(AF_UNIX, SOCK_DGRAM, 0);
    const path = kind === 'path' ? `${this.name}\0` : `\0${this.name.slice(1)}`;
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path)]);
    if (this.#libc.symbols.bind(this.#socket, address, address.length) !== 0)
      throw new Error(`${this.name} cannot be bound`);
  }

  /** True when a message so far matches. */
  has(pattern: RegExp): boolean {
    this.#take();
    return this.messages.some((message) => pattern.test(message));
  }

  #take(): void {
    const bytes = Buffer.alloc(4096);
    for (;;) {
      const length = Number(this.#libc.symbols.recv(this.#socket, bytes, bytes.length, MSG_DONTWAIT));
      if (length < 0) return;
      this.messages.push(bytes.toString('utf8', 0, length));
    }
  }

  async until(pattern: RegExp): Promise<void> {
    await until(() => this.has(pattern));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#libc.symbols.close(this.#socket);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
