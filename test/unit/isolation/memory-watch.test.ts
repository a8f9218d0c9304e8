import { expect, test } from 'bun:test';
import type { EngineProcess } from '../../../src/isolation/engine-process.ts';
import { MemoryWatch, residentBytes } from '../../../src/isolation/memory-watch.ts';

const GB = 2 ** 30;

interface Job {
  id: number;
  grownBytes: number;
}

/** A process that notes what is done to it. */
function processOf(pid: number, jobs: Job[]) {
  const done: string[] = [];
  const process = {
    pid,
    rssBytes: 0,
    jobs,
    end: (why: string, culprit?: number) => done.push(`end ${why} ${culprit}`),
    interruptForMemory: (id: number) => done.push(`interrupt ${id}`),
  };
  return { done, jobs, process: process as unknown as EngineProcess };
}

function watchOf(sizes: Record<number, number>, limits = { processBytes: 2 * GB, totalBytes: 6 * GB }) {
  return new MemoryWatch(limits, (pid) => sizes[pid]);
}

test('the statement during which most memory came is interrupted, and its process ended when that does not help', () => {
  const sizes: Record<number, number> = { 1: 0.1 * GB };
  const watch = watchOf(sizes);
  const old = { id: 1, grownBytes: 0 };
  const { process, jobs, done } = processOf(1, [old]);
  watch.look([process], 0, 0);
  sizes[1] = 0.2 * GB;
  watch.look([process], 100, 0);
  jobs.push({ id: 2, grownBytes: 0 });
  jobs.splice(0, 1);
  sizes[1] = 1.5 * GB;
  watch.look([process], 200, 0);
  jobs.push(old);
  sizes[1] = 2.1 * GB;
  watch.look([process], 300, 0);
  expect(done).toEqual(['interrupt 2']);
  watch.look([process], 1000, 0);
  expect(done).toEqual(['interrupt 2']);
  watch.look([process], 1400, 0);
  expect(done).toEqual(['interrupt 2', 'end memory 2']);
});

test('memory that is given back in time ends nothing', () => {
  const sizes: Record<number, number> = { 1: 3 * GB };
  const watch = watchOf(sizes);
  const { process, done } = processOf(1, [{ id: 1, grownBytes: 0 }]);
  watch.look([process], 0, 0);
  sizes[1] = GB;
  watch.look([process], 500, 0);
  sizes[1] = 3 * GB;
  watch.look([process], 5000, 0);
  expect(done).toEqual(['interrupt 1', 'interrupt 1']);
});

test('a process past the limit that runs nothing is ended', () => {
  const { process, done } = processOf(1, []);
  watchOf({ 1: 3 * GB }).look([process], 0, 0);
  expect(done).toEqual(['end memory undefined']);
});

test('past the limit of all together, the largest is relieved', () => {
  const [small, large] = [processOf(1, [{ id: 1, grownBytes: 0 }]), processOf(2, [{ id: 2, grownBytes: 0 }])];
  const watch = watchOf({ 1: GB, 2: 1.9 * GB }, { processBytes: 2 * GB, totalBytes: 3 * GB });
  watch.look([small.process, large.process], 0, 0.2 * GB);
  expect({ small: small.done, large: large.done }).toEqual({ small: [], large: ['interrupt 2'] });
});

test('the system says how much memory a process has, and nothing of one that is gone', async () => {
  expect(residentBytes(process.pid)).toBeGreaterThan(10 * 2 ** 20);
  const child = Bun.spawn(['true']);
  await child.exited;
  expect(residentBytes(child.pid) ?? 0).toBe(0);
});
