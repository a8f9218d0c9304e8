import type { ErrorData } from '../base/errors.ts';

/** Front → worker. */
export type ToWorker<Job> =
  | { kind: 'init'; options: unknown }
  | { kind: 'run'; id: number; job: Job }
  /** The reader has taken a chunk; the worker may send one more. */
  | { kind: 'credit'; id: number }
  | { kind: 'cancel'; id: number };

/** Worker → front. The buffers of a chunk are transferred, never cloned. */
export type FromWorker<Result> =
  | { kind: 'loaded' }
  | { kind: 'ready' }
  | { kind: 'chunk'; id: number; bytes: Uint8Array<ArrayBuffer> }
  /** With the last chunk, if there was one: a small answer comes in one message. */
  | { kind: 'done'; id: number; result: Result; last: Uint8Array<ArrayBuffer> | undefined }
  | { kind: 'failed'; id: number; error: ErrorData };
