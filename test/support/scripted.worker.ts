import { existsSync, writeFileSync } from 'node:fs';
import { AppError } from '../../src/base/errors.ts';
import { serve } from '../../src/workers/serve.ts';

export type ScriptedJob =
  | { do: 'greet'; name: string }
  | { do: 'fail' }
  | { do: 'throw' }
  | { do: 'wait' }
  | { do: 'exit' }
  | { do: 'crash' }
  /** Never ends, whatever it is told; makes the file `once` when it begins. */
  | { do: 'hang'; once?: string }
  /** Ends the whole process; with `once`, a file that it makes, only the first time. */
  | { do: 'kill'; once?: string; after?: number }
  /** Takes memory until it gets no more. */
  | { do: 'grow' }
  | { do: 'pid' }
  /** Waits the first time, after it has made the file `once`; ends at once the second time. */
  | { do: 'waitOnce'; once: string }
  | { do: 'send'; chunks: number }
  | { do: 'giveAway'; bytes: number };

/** A thread that does what a test tells it to. */
serve<{ greeting: string }, ScriptedJob, unknown>(async ({ greeting }) => async (job, context) => {
  switch (job.do) {
    case 'greet':
      return `${greeting} ${job.name}`;
    case 'fail':
      throw new AppError('query.field', 'There is no such field', {
        pointer: '/rows/0',
        params: { near: ['a'] },
      });
    case 'throw':
      throw new TypeError('something private');
    case 'exit':
      return process.exit(1);
    case 'crash':
      setTimeout(() => {
        throw new Error('out of the blue');
      }, 0);
      return new Promise(() => undefined);
    case 'hang':
      if (job.once !== undefined) writeFileSync(job.once, '');
      for (;;) Bun.sleepSync(1000);
    case 'pid':
      return process.pid;
    case 'waitOnce': {
      if (existsSync(job.once)) return 'second run';
      writeFileSync(job.once, '');
      return new Promise(() => undefined);
    }
    case 'grow': {
      const taken: Uint8Array[] = [];
      for (;;) taken.push(new Uint8Array(16 << 20).fill(1));
    }
    case 'kill': {
      const isFirst = job.once === undefined || !existsSync(job.once);
      if (job.once !== undefined) writeFileSync(job.once, '');
      for (let i = 0; i < (job.after ?? 0) + 2; i++) await context.send(new TextEncoder().encode(`${i};`));
      if (isFirst) process.kill(process.pid, 'SIGSEGV');
      return isFirst ? new Promise(() => undefined) : 'survived';
    }
    case 'wait':
      return new Promise((_, reject) =>
        context.signal.addEventListener('abort', () => reject(context.signal.reason)),
      );
    case 'send': {
      for (let i = 0; i < job.chunks; i++) await context.send(new TextEncoder().encode(`${i};`));
      return 'sent';
    }
    case 'giveAway': {
      const given = [1, 2].map(() => new Uint8Array(job.bytes));
      for (const bytes of given) await context.send(bytes);
      return given.map(({ length }) => length);
    }
  }
});
