import type { Socket } from 'node:net';
import { connectionLost } from './network-errors.ts';

type Listener = (...given: unknown[]) => void;

/**
 * Takes what comes over a socket away from the library that reads it otherwise, until `giveBack`. The library must be waiting for nothing;
 * it still hears of the socket's end.
 */
export function takeOver(socket: Socket, onData: (data: Buffer) => void, onLost: (error: unknown) => void) {
  const listeners = socket.listeners('data') as Listener[];
  const onClose = () => onLost(connectionLost());
  const onError = (error: Error) => onLost(error);
  socket.removeAllListeners('data');
  socket.on('data', onData);
  socket.on('close', onClose);
  socket.on('error', onError);
  return function giveBack(): void {
    socket.removeListener('data', onData);
    socket.removeListener('close', onClose);
    socket.removeListener('error', onError);
    for (const listener of listeners) socket.on('data', listener);
  };
}
