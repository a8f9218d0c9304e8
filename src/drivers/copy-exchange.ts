import type { Socket } from 'node:net';
import type { CsvWriter } from './csv-writer.ts';
import { takeOver } from './socket-takeover.ts';

/** Takes an answer's bytes apart as they come, and writes its rows. */
export interface AnswerReader {
  take(data: Buffer): void;
  /** Rows are read and not written any more. */
  isDropping: boolean;
}

export interface CopyExchange {
  done: Promise<void>;
  /** Reads what is left without writing it. */
  drop(): void;
}

/** Sends a request and has its answer read until the reader says that it ended; waits while the writer is full. The socket must be at rest. */
export function exchangeCopy(
  socket: Socket,
  request: readonly Buffer[],
  { writer, onBytes }: { writer: CsvWriter; onBytes(bytes: number): void },
  open: (onEnd: (error?: Error) => void) => AnswerReader,
): CopyExchange {
  const done = Promise.withResolvers<void>();
  const reader = open((error) => {
    giveBack();
    if (error) done.reject(error);
    else done.resolve();
  });
  const giveBack = takeOver(
    socket,
    (data) => {
      reader.take(data);
      onBytes(data.length);
      if (!writer.isFull || reader.isDropping) return;
      socket.pause();
      writer.drained().then(
        () => socket.resume(),
        (error) => done.reject(error),
      );
    },
    (error) => {
      giveBack();
      done.reject(error);
    },
  );
  for (const part of request) socket.write(part);
  return {
    done: done.promise,
    drop() {
      reader.isDropping = true;
      socket.resume();
    },
  };
}
