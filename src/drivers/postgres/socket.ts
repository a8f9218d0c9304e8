import type { Socket } from 'node:net';
import type { DatasourceSettings } from '../../domain/datasource.ts';
import { dial, encrypt, noTls } from '../dial.ts';
import { connectionLost } from '../network-errors.ts';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const YES = 83;

/** A connection on which the PostgreSQL protocol can begin. */
export async function openSocket(settings: DatasourceSettings, signal: AbortSignal): Promise<Socket> {
  const socket = await dial(settings, signal);
  if ((settings.tls?.mode ?? 'off') === 'off') return socket;
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const onAbort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('data', (data: Buffer) => resolve(data[0]));
    socket.once('close', () => reject(connectionLost()));
    socket.once('error', reject);
    socket.write(SSL_REQUEST);
  });
  socket.removeAllListeners();
  if (answer === YES) return encrypt(socket, settings, signal);
  socket.destroy();
  throw noTls();
}
