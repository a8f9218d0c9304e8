import { AppError } from '../../src/base/errors.ts';
import { serve } from '../../src/workers/serve.ts';

export type ScriptedJob =
  | { do: 'greet'; name: string }
  | { do: 'fail' }
  | { do: 'throw' }
  | { do: 'wait' }
  | { do: 'exit' }
  | { do: 'crash' }
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
