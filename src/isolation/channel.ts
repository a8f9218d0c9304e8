import type { Socket, SocketHandler, UnixSocketOptions } from 'bun';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';

export interface ChannelEvents {
  onFrame(frame: Frame): void;
  /** The other side is gone, or sent what no sender makes. */
  onClose(): void;
}

/** Frames over one end of a socket pair, in both directions. Memory is bounded by the credit of the jobs that send. */
export class Channel {
  readonly #queue: Uint8Array[] = [];
  #socket: Socket<undefined> | undefined;
  #isClosed = false;

  constructor(
    fd: number,
    readonly events: ChannelEvents,
  ) {
    void this.#open(fd);
  }

  async #open(fd: number): Promise<void> {
    const reader = new FrameReader(this.events.onFrame);
    const close = () => this.#close();
    const socket: SocketHandler<undefined> = {
      data: (_, bytes) => this.#read(reader, bytes),
      drain: () => this.#flush(),
      close,
      end: close,
      error: close,
    };
    try {
      // `fd` is missing from the types of Bun 1.4.5's `connect`.
      this.#socket = await Bun.connect({ fd, socket } as unknown as UnixSocketOptions<undefined>);
      if (this.#isClosed) this.#socket.terminate();
      else this.#flush();
    } catch {
      close();
    }
  }

  send(kind: number, id: number, ...parts: Uint8Array[]): void {
    if (this.#isClosed) return;
    this.#queue.push(...encodeFrame(kind, id, parts));
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#socket?.terminate();
  }

  #read(reader: FrameReader, bytes: Uint8Array): void {
    try {
      reader.push(bytes);
    } catch {
      this.#close();
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.close();
    this.events.onClose();
  }

  #flush(): void {
    const socket = this.#socket;
    if (!socket || this.#isClosed) return;
    while (this.#queue.length > 0) {
      const bytes = this.#queue[0]!;
      const written = Math.max(0, socket.write(bytes));
      if (written < bytes.length) {
        this.#queue[0] = bytes.subarray(written);
        return;
      }
      this.#queue.shift();
    }
  }
}
