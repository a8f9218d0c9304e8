import { checked, LINUX, openLibc } from './libc.ts';

/** Longest path of `struct sockaddr_un`. */
const MAX_PATH = 108;

/** `struct sockaddr_un` for a path, or for an abstract name that begins with `@`. */
function unixAddress(name: string): Uint8Array {
  const path = Buffer.from(name);
  if (path.length >= MAX_PATH) throw new Error(`the address ${name} is longer than ${MAX_PATH - 1} bytes`);
  const isAbstract = name.startsWith('@');
  const bytes = new Uint8Array(2 + path.length + (isAbstract ? 0 : 1));
  new DataView(bytes.buffer).setUint16(0, LINUX.AF_UNIX, true);
  bytes.set(path, 2);
  if (isAbstract) bytes[2] = 0;
  return bytes;
}

/** What is told to systemd, by its protocol of sd_notify(3). */
export interface ServiceManager {
  /** Ready, again too after a reload; `status` shows in `systemctl status`. */
  ready(status: string): void;
  status(status: string): void;
  reloading(): void;
  stopping(status: string): void;
  /** Another process, which is ready, is the main one from now on, and the only one that is heard: nothing more is said by this one. */
  handOver(pid: number, status: string): void;
  /** From now on the watchdog is told only while `isWell` says so. */
  guard(isWell: () => boolean): void;
  /** Ends the watchdog's messages. */
  close(): void;
}

export const NO_SERVICE_MANAGER: ServiceManager = {
  ready: () => undefined,
  status: () => undefined,
  reloading: () => undefined,
  stopping: () => undefined,
  handOver: () => undefined,
  guard: () => undefined,
  close: () => undefined,
};

export interface NotifyEnv {
  NOTIFY_SOCKET?: string | undefined;
  WATCHDOG_USEC?: string | undefined;
  /** The process that the watchdog watches; another one's messages are not its own. */
  WATCHDOG_PID?: string | undefined;
}

const oneLine = (text: string) => text.replaceAll(/[\r\n]+/g, ' ');

/**
 * Speaks to the socket that systemd names; silent where it names none. While the event loop turns, the watchdog hears so at half
 * its time. `onFault` gets what could not be sent.
 */
export function serviceManager(env: NotifyEnv, onFault: (error: unknown) => void): ServiceManager {
  const name = env.NOTIFY_SOCKET;
  if (!name || !/^[/@]/.test(name) || process.platform !== 'linux') return NO_SERVICE_MANAGER;
  const libc = openLibc();
  const address = unixAddress(name);
  const { AF_UNIX, SOCK_DGRAM, CLOEXEC, MSG_NOSIGNAL, MSG_DONTWAIT } = LINUX;
  const socket = checked(libc, 'socket', libc.socket(AF_UNIX, SOCK_DGRAM | CLOEXEC, 0));
  let isMain = true;
  const send = (...lines: string[]) => {
    if (!isMain) return;
    const bytes = Buffer.from(lines.join('\n'));
    try {
      const to = [address, address.byteLength] as const;
      checked(
        libc,
        'sendto',
        libc.sendto(socket, bytes, bytes.byteLength, MSG_NOSIGNAL | MSG_DONTWAIT, ...to),
      );
    } catch (error) {
      onFault(error);
    }
  };
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1000;
  const isWatched = watchdogMs > 0 && (env.WATCHDOG_PID ?? String(process.pid)) === String(process.pid);
  let isWell = () => true;
  const beat = () => {
    if (isWell()) send('WATCHDOG=1');
  };
  const timer = isWatched ? setInterval(beat, watchdogMs / 2) : undefined;
  timer?.unref();
  return {
    ready: (status) => send('READY=1', `STATUS=${oneLine(status)}`),
    status: (status) => send(`STATUS=${oneLine(status)}`),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: (status) => send('STOPPING=1', `STATUS=${oneLine(status)}`),
    handOver: (pid, status) => {
      send(`MAINPID=${pid}`, 'READY=1', `STATUS=${oneLine(status)}`);
      clearInterval(timer);
      isMain = false;
    },
    guard: (check) => {
      isWell = check;
    },
    close: () => {
      clearInterval(timer);
      libc.close(socket);
    },
  };
}
