import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode, USED_UP } from '../base/system-error.ts';

const FOLDER = '/proc/self/fd';

function target(name: string): string | undefined {
  try {
    return readlinkSync(`${FOLDER}/${name}`);
  } catch (error) {
    // It was closed meanwhile.
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The open descriptors of this process and what each is, such as `socket:[1234]`. */
export function openDescriptors(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync(FOLDER)) {
    const what = target(name);
    if (what !== undefined) found.set(Number(name), what);
  }
  return found;
}

/** How a descriptor is registered with an epoll of this process. */
export interface Registration {
  epoll: number;
  events: number;
  data: bigint;
}

export function registrationOf(descriptor: number): Registration | undefined {
  const line = new RegExp(`^tfd: +${descriptor} events: +([0-9a-f]+) data: +([0-9a-f]+)`, 'm');
  for (const [epoll, what] of openDescriptors()) {
    if (!what.includes('[eventpoll]')) continue;
    const match = line.exec(readFileSync(`/proc/self/fdinfo/${epoll}`, 'utf8'));
    if (match) return { epoll, events: Number.parseInt(match[1]!, 16), data: BigInt(`0x${match[2]}`) };
  }
  return undefined;
}

/** States of /proc/net/tcp. */
const ESTABLISHED = '01';
const SYN_RECEIVED = '03';
const LISTENING = '0A';

export interface PortState {
  /** Connections that this process has open. */
  open: number;
  /** Connections that are being made, or wait to be accepted by anybody. */
  arriving: number;
}

/** What the kernel says of the connections to a local port; undefined where no descriptor is left to ask it with. */
export function portState(port: number): PortState | undefined {
  try {
    return lookAtPort(port);
  } catch (error) {
    if (hasCode(error, ...USED_UP)) return undefined;
    throw error;
  }
}

function lookAtPort(port: number): PortState {
  const mine = new Set(
    [...openDescriptors().values()].flatMap((what) => /^socket:\[(\d+)\]$/.exec(what)?.[1] ?? []),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const found: PortState = { open: 0, arriving: 0 };
  for (const file of ['tcp', 'tcp6'])
    for (const line of readFileSync(`/proc/self/net/${file}`, 'utf8').split('\n')) {
      const [, local, , state, queues, , , , , inode] = line.trim().split(/\s+/);
      if (!local?.endsWith(suffix)) continue;
      if (state === ESTABLISHED && mine.has(inode!)) found.open++;
      else if (state === SYN_RECEIVED) found.arriving++;
      else if (state === LISTENING) found.arriving += Number.parseInt(queues!.split(':')[1]!, 16);
    }
  return found;
}
