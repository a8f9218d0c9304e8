import type { FaultPoint } from '../../src/base/fault-point.ts';

/** What a process does to itself at the n-th time that it comes to a point. */
export interface Arms {
  point: FaultPoint;
  times: number;
  how: 'kill' | 'stop' | 'hold';
}

/** What a process is told while it runs: what to do where, how far off its clock is, to go on where it holds. */
export type Order = { arms: Arms | null } | { clockMs: number } | { go: true };
