import { deserialize, serialize } from 'bun:jsc';
import type { WorkerName } from '../workers/urls.ts';

/** Kinds of frames, front to engine process. */
export const TO_PROCESS = { init: 1, run: 2, credit: 3, cancel: 4 } as const;
/** Kinds of frames, engine process to front. */
export const TO_FRONT = {
  beat: 1,
  chunk: 2,
  done: 3,
  failed: 4,
  threads: 5,
  threadDied: 6,
  refused: 7,
} as const;

/** A pool of worker threads inside an engine process. */
export interface Lane {
  name: string;
  worker: WorkerName;
  size: number;
  /** What the workers' `serve` gets. */
  options: unknown;
}

/** The first frame: what the process is for. */
export interface Init {
  lanes: readonly Lane[];
  /** Most bytes of private memory that the kernel gives the process. */
  dataLimitBytes: number;
  /** Steps of `nice` by which it gives way to the front. */
  nice: number;
}

export interface RunMessage {
  lane: string;
  job: unknown;
}

/** Threads of a lane: how many run, and how many of those have jobs. */
export interface Threads {
  lane: string;
  started: number;
  busy: number;
}

export interface ThreadDied {
  lane: string;
  why: string;
}

/** How often an engine process says that its main thread still turns. */
export const BEAT_MS = 500;

export const encode = (value: unknown): Uint8Array => serialize(value, { binaryType: 'nodebuffer' });
export const decode = <T>(bytes: Uint8Array): T => deserialize(bytes as unknown as ArrayBuffer) as T;

/** A result and the last chunk, if there is one, as the payload of `done`: length of the result (u32), result, chunk. */
export function encodeDone(result: unknown, last: Uint8Array | undefined): Uint8Array[] {
  const encoded = encode(result);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, encoded.length, true);
  return last ? [length, encoded, last] : [length, encoded];
}

export function decodeDone(payload: Uint8Array<ArrayBuffer>): {
  result: unknown;
  last: Uint8Array<ArrayBuffer> | undefined;
} {
  const length = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  const result = decode(payload.slice(4, 4 + length));
  const last = payload.subarray(4 + length);
  return { result, last: last.length > 0 ? last : undefined };
}
