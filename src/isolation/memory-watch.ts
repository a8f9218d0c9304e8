import { readFileSync } from 'node:fs';
import { hasCode, USED_UP } from '../base/system-error.ts';
import type { EngineProcess, ProcessJob } from './engine-process.ts';

const PAGE_BYTES = 4096;
/** An interrupted statement gets so long to give its memory back. */
const GRACE_MS = 1000;

export interface MemoryLimits {
  /** Resident bytes of one engine process. */
  processBytes: number;
  /** Resident bytes of this process and all its engine processes together. */
  totalBytes: number;
}

/** Resident bytes of a process; undefined once it is gone, or where the system does not say just now. */
export function residentBytes(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', ...USED_UP)) return undefined;
    throw error;
  }
}

/** Shares the growth since the last look among the jobs that ran meanwhile. */
function attribute(jobs: readonly ProcessJob[], grownBytes: number): void {
  if (grownBytes > 0) for (const job of jobs) job.grownBytes += grownBytes / jobs.length;
}

const largest = <T>(items: readonly T[], sizeOf: (item: T) => number): T | undefined =>
  items.reduce<T | undefined>(
    (best, item) => (best === undefined || sizeOf(item) > sizeOf(best) ? item : best),
    undefined,
  );

/** Holds the engine processes to their memory: first the largest statement is interrupted, then its process is ended. */
export class MemoryWatch {
  /** Processes whose largest statement was interrupted, and when. */
  readonly #asked = new Map<EngineProcess, { atMs: number; job: number }>();

  constructor(
    readonly limits: MemoryLimits,
    readonly residentOf: (pid: number) => number | undefined = residentBytes,
  ) {}

  look(processes: readonly EngineProcess[], nowMs: number, ownBytes: number): void {
    for (const process of processes) {
      // Of a process that has just ended the system says 0.
      const bytes = this.residentOf(process.pid) || process.rssBytes;
      attribute(process.jobs, bytes - process.rssBytes);
      process.rssBytes = bytes;
    }
    const total = processes.reduce((sum, { rssBytes }) => sum + rssBytes, ownBytes);
    const past = processes.filter(({ rssBytes }) => rssBytes > this.limits.processBytes);
    const worst = largest(processes, ({ rssBytes }) => rssBytes);
    if (past.length === 0 && total > this.limits.totalBytes && worst) past.push(worst);
    for (const process of past) this.#relieve(process, nowMs);
    for (const process of this.#asked.keys()) if (!past.includes(process)) this.#asked.delete(process);
  }

  #relieve(process: EngineProcess, nowMs: number): void {
    const asked = this.#asked.get(process);
    if (asked) {
      if (nowMs - asked.atMs > GRACE_MS) process.end('memory', asked.job);
      return;
    }
    const job = largest(process.jobs, ({ grownBytes }) => grownBytes);
    if (!job) {
      process.end('memory');
      return;
    }
    this.#asked.set(process, { atMs: nowMs, job: job.id });
    process.interruptForMemory(job.id);
  }
}
