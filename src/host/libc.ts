import { dlopen, read } from 'bun:ffi';
import { constants } from 'node:os';

const SYMBOLS = {
  __errno_location: { args: [], returns: 'ptr' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
  dup3: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  epoll_ctl: { args: ['i32', 'i32', 'i32', 'ptr'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
  sendto: { args: ['i32', 'ptr', 'u64', 'i32', 'ptr', 'u32'], returns: 'i64' },
  setrlimit: { args: ['i32', 'ptr'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
} as const;

/** What Bun has no call for, of the C library of Linux. Throws where there is none. */
export function openLibc() {
  return dlopen('libc.so.6', SYMBOLS).symbols;
}

export type Libc = ReturnType<typeof openLibc>;

/** Numbers of Linux, the same on x64 and arm64. */
export const LINUX = {
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_REUSEPORT: 15,
  SO_ACCEPTCONN: 30,
  IPPROTO_IP: 0,
  IP_MINTTL: 21,
  IPPROTO_IPV6: 41,
  IPV6_MINHOPCOUNT: 73,
  MSG_DONTWAIT: 0x40,
  MSG_NOSIGNAL: 0x4000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  PR_SET_PDEATHSIG: 1,
  RLIMIT_DATA: 2,
  RLIMIT_CORE: 4,
  SIGKILL: 9,
} as const;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The result of a call, or its error with the system's name (EADDRINUSE, EACCES) as `code`. */
export function checked(libc: Libc, call: string, result: number | bigint): number {
  if (result >= 0) return Number(result);
  const place = libc.__errno_location();
  const number = place ? read.i32(place, 0) : 0;
  const code = NAMES.get(number) ?? `errno ${number}`;
  throw Object.assign(new Error(`${call}: ${code}`), { code, errno: number, syscall: call });
}
